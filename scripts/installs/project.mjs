// A project outside the workspace with every package, from its tarball, and the programs that are tried in it.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "../workspace.mjs";

/** The programs for Node and for a page of the quick start; the page gets ONNX Runtime from a folder of its server. */
function programs() {
  const page = readFileSync(join(root, "apps/docs/pages/guide/quick-start.md"), "utf8");
  const blocks = Array.from(page.matchAll(/^```ts\n([\s\S]*?)^```$/gm), ([, code = ""]) => code);
  const program = blocks.find((code) => code.includes('openOnnxFile(directory("."), "volume.onnx")'));
  if (program === undefined) throw new RangeError("the quick start has no program for volume.onnx");
  const inPage = program
    .replace(/^.*@voxplain\/core\/node.*$/m, 'import { httpFiles } from "@voxplain/core/web";')
    .replaceAll("runtime-node", "runtime-web")
    .replace('directory(".")', 'httpFiles(new URL("/", location.href), ["volume.onnx"])')
    .replace(
      /nodeRuntime\(.*?\)/,
      'webRuntime({ executionProvider: "wasm", assets: "/onnxruntime/", ...given })',
    )
    .replace("nodeRuntime", "webRuntime");
  return { program, inPage };
}

/** What both programs print. */
export const printed = "[ 1, 1, 8, 9, 7 ] 1 1";

/** `voxplain demo`, and an import of every entry. */
const command = (entries) => `import { rmSync } from "node:fs";
import { main } from "@voxplain/cli";
for (const entry of ${JSON.stringify(entries)}) await import(entry);
rmSync("demo", { recursive: true, force: true });
const status = await main(["demo", "--output_dir", "demo"]);
console.log("status", status);
`;

const compiled = (code) =>
  ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
  }).outputText;

/** Names of all packages with their tarballs. */
export function tarballsIn(folder) {
  return Object.fromEntries(
    readdirSync(folder).map((file) => [
      file.replace(/^voxplain-(.*)-\d+\.\d+\.\d+.*$/, "@voxplain/$1"),
      `file:${join(folder, file)}`,
    ]),
  );
}

/** Entries that Node imports. */
function entriesForNode() {
  return readdirSync(join(root, "packages")).flatMap((folder) => {
    const { name, exports } = JSON.parse(
      readFileSync(join(root, "packages", folder, "package.json"), "utf8"),
    );
    // These two begin to work when they are imported.
    const isThread = (key) => name === "@voxplain/runtime-web" && key === "./worker";
    return Object.keys(exports)
      .filter((key) => !key.endsWith(".json") && !isThread(key))
      .map((key) => name + key.slice(1));
  });
}

/** Makes the folder of a project. @param {Readonly<Record<string, unknown>>} more - Further fields of its manifest. */
export function makeProject(path, tarballs, more = {}) {
  mkdirSync(path, { recursive: true });
  const manifest = {
    ...{ name: "project", version: "1.0.0", private: true, type: "module" },
    dependencies: { ...tarballs, "onnxruntime-web": "1.30.0" },
    ...more,
  };
  writeFileSync(join(path, "package.json"), JSON.stringify(manifest, null, 2));
  const { program, inPage } = programs();
  // A page of a bundler that does not find the worker says where it is.
  const options = 'import("@voxplain/runtime-web").WebRuntimeOptions';
  const given = `const { given = {} } = globalThis as { readonly given?: Partial<${options}> };\n`;
  const page = inPage.replace(/\n\n/, `\n\n${given}`);
  writeFileSync(join(path, "program.ts"), program);
  writeFileSync(join(path, "program.mjs"), compiled(program));
  writeFileSync(join(path, "page.ts"), page);
  writeFileSync(join(path, "page.js"), compiled(page));
  writeFileSync(join(path, "command.mjs"), command(entriesForNode()));
  cpSync(join(root, "packages/cli/tests/fixtures/onnx/volume.onnx"), join(path, "volume.onnx"));
}
