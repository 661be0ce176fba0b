// The sample that is shipped beside the packages, file by file.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readLabels, readTrainingLabels } from "@voxplain/caps-io";
import { directory } from "@voxplain/core/node";
import { expect, it } from "vitest";
import { findSessionFiles } from "../src/parts/find-session-files.ts";

const sample = fileURLToPath(new URL("../../../sample/", import.meta.url));
const sums = new Map(
  readFileSync(join(sample, "SHA256SUMS"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line): [string, string] => [line.slice(66).replace("./", ""), line.slice(0, 64)]),
);

function filesBelow(folder: string): string[] {
  return readdirSync(join(sample, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

it("the sample holds the files of SHA256SUMS and no others", () => {
  const found = filesBelow("").filter((path) => path !== "SHA256SUMS");
  expect(found.sort()).toEqual([...sums.keys()].sort());
});

it("every file of the sample has its checksum", () => {
  const actual = [...sums.keys()].map((path) => [
    path,
    createHash("sha256")
      .update(readFileSync(join(sample, path)))
      .digest("hex"),
  ]);
  expect(actual).toEqual([...sums]);
});

it.each([
  ["AD", false, 7],
  ["AD", true, 6],
  ["CN", false, 3],
  ["CN", true, 2],
] as const)(
  "every %s session of the sample has an image (baseline: %s)",
  async (diagnosis, baseline, count) => {
    const labels = directory(join(sample, "labels"));
    const { sessions } = await readLabels(labels, "", { diagnosis, baseline });
    expect(sessions).toHaveLength(count);
    const caps = directory(join(sample, "caps"));
    const { found } = await findSessionFiles(sessions, {
      images: { preprocessing: "t1-linear-downsampled" },
      settings: { mode: "image" },
      capsOf: () => caps,
    });
    expect(found.map(({ image }) => image?.format)).toEqual(Array(count).fill("tensor"));
    // Its networks were trained on other participants: the list of the diagnosis stands in.
    const training = await readTrainingLabels(labels, "", { diagnosis, baseline, splitCount: 2, fold: 1 });
    expect(training.sessions).toEqual(sessions);
  },
);
