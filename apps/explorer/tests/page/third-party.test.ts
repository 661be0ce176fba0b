import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { buildPage } from "./built-page.ts";

it("the page comes with the licence of every package of others that it bundles", async () => {
  const { folder } = await buildPage();
  const licences = readFileSync(join(folder, "third-party-licences.txt"), "utf8").split(
    `${"-".repeat(80)}\n\n`,
  );
  const names = licences.map((text) => text.split(" ")[0]);
  // What draws, what computes, and dependencies of the packages, some of which only workers load.
  const some = ["@niivue/niivue", "gl-matrix", "onnxruntime-web", "fflate", "nifti-reader-js", "papaparse"];
  expect(names).toEqual(expect.arrayContaining(some));
  for (const text of licences) expect(text).toMatch(/permission|permitted/i);
});
