// A helper thread of the tests, on the sources: Node 20 reads no TypeScript.

import { fileURLToPath } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { build } from "esbuild";

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("../src/team.ts", import.meta.url))],
  bundle: true,
  write: false,
  format: "esm",
});
const { helpKernels } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0]?.text ?? "").toString("base64")}`
);
parentPort?.postMessage("ready");
helpKernels(workerData);
