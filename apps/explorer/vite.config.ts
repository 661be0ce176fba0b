import { defineConfig } from "vite";
import { niivueInSteps } from "./vite/niivue-in-steps.ts";
import { offline } from "./vite/offline.ts";
import { permittedHosts } from "./vite/permitted-hosts.ts";
import { shipFiles } from "./vite/ship-files.ts";
import { onnxRuntimeFiles, sampleFiles } from "./vite/shipped-files.ts";
import { onnxRuntimeLicence, thirdPartyLicences } from "./vite/third-party.ts";

const licences = thirdPartyLicences([onnxRuntimeLicence]);

// WebAssembly may only share memory between threads on pages that are isolated.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  // Relative, so that the built folder can be put anywhere on a server.
  base: "./",
  resolve: { conditions: ["@voxplain/source", "module", "browser", "import", "default"] },
  optimizeDeps: { exclude: ["@voxplain/runtime-web"] },
  plugins: [
    niivueInSteps(),
    licences.ofPage,
    shipFiles("onnxruntime", onnxRuntimeFiles()),
    shipFiles("sample", sampleFiles()),
    permittedHosts(),
    offline(),
  ],
  worker: { format: "es", plugins: () => [licences.ofWorkers] },
  build: { target: "es2023", chunkSizeWarningLimit: 4000, reportCompressedSize: false },
  server: { headers },
  // Where the port is taken, the server says so and stops: another port than that of the README would be missed.
  preview: { headers, strictPort: true },
});
