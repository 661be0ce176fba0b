import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { sample } from "@voxplain/sample";
import { expect, it } from "vitest";
import { sampleFiles } from "../scripts/make-data.mjs";

const files = readdirSync(sample.folder, { recursive: true, encoding: "utf8" })
  .map((name) => name.replaceAll("\\", "/"))
  .filter((name) => statSync(join(sample.folder, name)).isFile());

it("holds what its script makes from the sample of the repository, and a licence", async () => {
  const made = await sampleFiles();
  expect(files.toSorted()).toEqual([...made.keys(), "COPYRIGHT.txt"].toSorted());
  for (const [name, bytes] of made) {
    const stored = readFileSync(join(sample.folder, name));
    expect((name.endsWith(".gz") ? gunzipSync(stored) : stored).equals(bytes), name).toBe(true);
  }
});

it("has at most 5 MB", () => {
  const sizes = files.map((name) => statSync(join(sample.folder, name)).size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(5e6);
});

it("is at the paths that it gives", () => {
  for (const path of Object.values(sample)) expect(() => statSync(path)).not.toThrow();
});
