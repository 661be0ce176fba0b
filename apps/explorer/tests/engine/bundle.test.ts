import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, it } from "vitest";

it("the engine is bundled for browsers without anything of Node, and is light", async () => {
  const files = ["engine/create-engine", "viewer/atlas"].map((path) => `export * from "./${path}.ts";`);
  // Fails where a module of Node is imported.
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: files.join("\n"),
      resolveDir: fileURLToPath(new URL("../../src", import.meta.url)),
      loader: "ts",
    },
    ...{ bundle: true, minify: true, format: "esm", platform: "browser", target: "es2023" },
    ...{ conditions: ["@voxplain/source"], write: false, metafile: true, logLevel: "silent" },
  });
  expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
  const weight = outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0);
  // The page has 400 kB for all of its own code; this leaves much of it to what is seen.
  expect(weight).toBeLessThan(268_000);
});
