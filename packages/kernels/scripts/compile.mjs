// Compiles assembly/ (AssemblyScript) into src/wasm-bytes.js: the module in base64, so that Node, browsers, bundlers and tests on the
// sources load it alike. The file is committed; a test compares it with the sources.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const folder = fileURLToPath(new URL("../assembly/", import.meta.url));

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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = new URL("../src/wasm-bytes.js", import.meta.url);
  const text = await compileKernels();
  // Type checks read it beside this.
  if ((await readFile(file, "utf8").catch(() => "")) !== text) await writeFile(file, text);
}
