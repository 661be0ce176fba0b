// The command line answers at once: what a command needs is loaded when it runs.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
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

const bin = join(root, "packages/cli/bin/voxplain.js");

it.skipIf(!existsSync(join(root, "packages/cli/dist/main.js")))(
  "takes 150 ms at most beside Node itself",
  () => {
    // The fastest of several, because other programs run beside.
    const fastest = (args: string[]) =>
      Math.min(
        ...Array.from({ length: 7 }, () => {
          const started = performance.now();
          expect(
            spawnSync(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: "" } }).status,
          ).toBe(0);
          return performance.now() - started;
        }),
      );
    expect(fastest([bin, "--help"]) - fastest(["-e", "0"])).toBeLessThan(150);
  },
);
