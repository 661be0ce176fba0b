import { defineConfig } from "vite";
import { niivueInSteps } from "./vite/niivue-in-steps.ts";
import { shipFiles } from "./vite/ship-files.ts";
import { shipTypes } from "./vite/ship-types.ts";
import { onnxRuntimeFiles } from "./vite/shipped-files.ts";
import { onnxRuntimeLicence, thirdPartyLicences } from "./vite/third-party.ts";

const licences = thirdPartyLicences([onnxRuntimeLicence]);

const processorOnly = new Map([...onnxRuntimeFiles()].filter(([name]) => !/webgpu|asyncify/.test(name)));

/** `<voxplain-map>` for the pages of others: a script, its types, and what both load. */
export default defineConfig({
  base: "./",
  publicDir: false,
  resolve: { conditions: ["@voxplain/source", "module", "browser", "import", "default"] },
  plugins: [niivueInSteps(), licences.ofPage, shipFiles("onnxruntime", processorOnly), shipTypes()],
  worker: { format: "es", plugins: () => [licences.ofWorkers] },
  build: {
    target: "es2023",
    outDir: "dist/embed",
    modulePreload: false,
    chunkSizeWarningLimit: 4000,
    reportCompressedSize: false,
    assetsDir: "parts",
    rollupOptions: {
      input: "src/embed/voxplain-map.ts",
      preserveEntrySignatures: "strict",
      output: { entryFileNames: "voxplain-map.js", chunkFileNames: "parts/[name]-[hash].js" },
    },
  },
});
