import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileAt, imagesAt, labelsAt, modelAt } from "../src/node/index.ts";

describe.runIf(process.platform === "linux").each([
  ["images", imagesAt],
  ["labels", labelsAt],
  ["a model", modelAt],
  ["a file", fileAt],
] as const)("where %s are expected,", (_, placeAt) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "voxplain-places-"));
    execFileSync("mkfifo", [join(folder, "pipe")]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("a pipe or a device is called what it is, and is not opened", () => {
    expect(() => placeAt(join(folder, "pipe"))).toThrow(
      `${folder}/pipe: it is a pipe, and not a file or a folder; write its content to a file`,
    );
    expect(() => placeAt("/dev/zero")).toThrow("/dev/zero: it is a device, and not a file or a folder");
  });
});
