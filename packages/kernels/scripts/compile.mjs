// Compiles assembly/ (AssemblyScript) into src/wasm-bytes.js: the module in base64, so that Node, browsers, bundlers and tests on the
// sources load it alike. Then names the build in src/build-id.js. Both files are committed; a test compares them with the sources.
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const folder = fileURLToPath(new URL("../assembly/", import.meta.url));
const sources = new URL("../src/", import.meta.url);

/** The text of src/wasm-bytes.js. */
export async function compileKernels() {
  let bytes = Buffer.alloc(0);
  const options = ["--enable", "simd", "--importMemory", "--noExportMemory", "--maximumMemory", "65536"];
  const { error, stderr } = await asc.main(
    ["index.ts", ...options, "-O3", "--runtime", "stub", "--outFile", "kernels.wasm"],
    {
      readFile: (name) => readFile(folder + name, "utf8").catch(() => null),
      writeFile: (name, contents) => {
        if (name === "kernels.wasm") bytes = Buffer.from(contents);
      },
      listFiles: () => [],
    },
  );
  if (error !== null) throw new Error(stderr.toString() || error.message);
  const base64 = bytes.toString("base64");
  return `// Compiled from assembly/ by scripts/compile.mjs.\nexport const wasmBase64 =\n  "${base64}";\n`;
}

/** The text of src/build-id.js: a digest of what threads load from src, the compiled kernels among it. */
export async function identifyBuild() {
  const hash = createHash("sha256");
  const names = (await readdir(sources)).filter((name) => name.endsWith(".js") && name !== "build-id.js");
  for (const name of names.sort()) hash.update(`${name}\n${await readFile(new URL(name, sources), "utf8")}`);
  return `// Written by scripts/compile.mjs.\nexport const buildId = "${hash.digest("hex").slice(0, 16)}";\n`;
}

/** Writes a file unless it is the same: type checks read it beside this. @param {string} name @param {string} text */
async function update(name, text) {
  const file = new URL(name, sources);
  if ((await readFile(file, "utf8").catch(() => "")) !== text) await writeFile(file, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await update("wasm-bytes.js", await compileKernels());
  await update("build-id.js", await identifyBuild());
}
