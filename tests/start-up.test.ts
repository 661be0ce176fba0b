// The command line answers at once: what a command needs is loaded when it runs.
import { join } from "node:path";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { root } from "./workspace.ts";

it("voxplain --help loads commander and the errors of core, and no other package", async () => {
  const { metafile } = await build({
    entryPoints: [join(root, "packages/cli/src/main.ts")],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    packages: "external",
    outdir: "unused",
    write: false,
    metafile: true,
  });
  const first = Object.keys(metafile.outputs).find((name) => name.endsWith("main.js"))!;
  const loaded = new Set([first]);
  for (const name of loaded) {
    for (const { path, kind } of metafile.outputs[name]?.imports ?? []) {
      if (kind === "import-statement") loaded.add(path);
    }
  }
  const packages = [...loaded].filter((name) => metafile.outputs[name] === undefined);
  expect(packages.filter((name) => !name.startsWith("node:")).toSorted()).toEqual([
    "@voxplain/core",
    "commander",
  ]);
});
