import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ShippedFiles } from "./ship-files.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const sample = join(root, "sample");

/** The sessions that the page ships: two of each diagnosis, one participant each. */
const participants = ["sub-SIM001", "sub-SIM002", "sub-SIM003", "sub-SIM005"];
const session = "ses-M00";

/** What the Web Worker loads, for WebAssembly and for WebGPU. */
export function onnxRuntimeFiles(): ShippedFiles {
  const web = createRequire(join(root, "packages/runtime-web/package.json"));
  const folder = dirname(web.resolve("onnxruntime-web"));
  const names = [
    "ort.wasm.bundle.min.mjs",
    "ort-wasm-simd-threaded.wasm",
    "ort.webgpu.bundle.min.mjs",
    "ort-wasm-simd-threaded.asyncify.wasm",
  ];
  return new Map(names.map((name) => [name, () => readFileSync(join(folder, name))]));
}

/** The small model with some sessions, their labels, the template and the atlas; files.json lists their paths. */
export function sampleFiles(): ShippedFiles {
  const paths = [
    ...below("models/random_small").filter((path) => /commandline\.json$|model_best\.pth\.tar$/.test(path)),
    ...participants.flatMap((name) => below(`caps/subjects/${name}/${session}`)),
    ...below("template"),
  ];
  const files = new Map(paths.map((path) => [path, () => readFileSync(join(sample, path)) as Uint8Array]));
  for (const name of ["AD", "CN"]) files.set(`labels/${name}.tsv`, () => labelList(name));
  const list = new TextEncoder().encode(JSON.stringify([...files.keys()]));
  return files.set("files.json", () => list);
}

/** A label list of only the shipped sessions. */
function labelList(name: string): Uint8Array {
  const [header, ...rows] = readFileSync(join(sample, "labels", `${name}.tsv`), "utf8")
    .trim()
    .split("\n");
  const kept = rows.filter((row) => {
    const [participant = "", sessionId] = row.split("\t");
    return participants.includes(participant) && sessionId === session;
  });
  return new TextEncoder().encode(`${[header, ...kept].join("\n")}\n`);
}

function below(folder: string): string[] {
  return readdirSync(join(sample, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(sample.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
}
