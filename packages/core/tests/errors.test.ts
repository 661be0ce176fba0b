import { errorAt, isVoxplainError, VoxplainError } from "@voxplain/core";
import { describe, expect, it } from "vitest";

const misfit = new VoxplainError("mismatch", "the shape is not that of the network's input", {
  file: "caps/a.nii.gz",
  expected: "[1, 8, 8, 8]",
  found: "[1, 8, 8, 9]",
  hint: "resize it",
});

describe("VoxplainError", () => {
  it("makes one sentence of the place, the problem, what was needed and what helps", () => {
    expect(misfit.message).toBe(
      "caps/a.nii.gz: the shape is not that of the network's input: expected [1, 8, 8, 8], found [1, 8, 8, 9]; resize it",
    );
  });

  it("has each of them as a field", () => {
    const { code, file, session, expected, found, hint } = misfit;
    expect({ code, file, session, expected, found, hint }).toEqual({
      code: "mismatch",
      file: "caps/a.nii.gz",
      session: undefined,
      expected: "[1, 8, 8, 8]",
      found: "[1, 8, 8, 9]",
      hint: "resize it",
    });
  });

  it("is the problem alone where nothing else is known", () => {
    expect(new VoxplainError("not-found", "there is no image").message).toBe("there is no image");
  });
});

it("a sentence stays one that can be read where a damaged file has a million axes", () => {
  const dims = Array.from({ length: 1_000_000 }, () => 7).join(", ");
  const { message } = new VoxplainError("invalid-file", `a weight has the shape [${dims}]`, {
    hint: "export it again",
  });
  expect(message.length).toBeLessThan(2100);
  expect(message).toMatch(/^a weight has the shape \[7, 7,.* … .*; export it again$/);
});

describe("errorAt", () => {
  it("adds the session that a reader below did not know, and keeps the file that it knew", () => {
    const placed = errorAt(misfit, { session: "sub-01 ses-M00", file: "elsewhere" });
    expect(placed).toMatchObject({ session: "sub-01 ses-M00", file: "caps/a.nii.gz", code: "mismatch" });
    expect(placed.message).toBe(`sub-01 ses-M00: ${misfit.message}`);
    expect(placed.cause).toBe(misfit);
    expect(isVoxplainError(placed, "mismatch")).toBe(true);
  });
});

describe("the line breaks of a problem", () => {
  it("belong to a name in a file, and are escaped", () => {
    const { message } = new VoxplainError("not-found", "no map has AD", {
      found: "A\nvoxplain: all is well",
    });
    expect(message).toBe("no map has AD: found A\\nvoxplain: all is well");
  });

  it("separate its lines where they were made for it, which errorAt keeps", () => {
    const several = new VoxplainError("invalid-file", "there are 2 problems:\n  one\n  two\u001b", {
      hasLines: true,
    });
    expect(errorAt(several, { file: "a\nb.tsv" }).message).toBe(
      "a\\nb.tsv: there are 2 problems:\n  one\n  two\\u001b",
    );
  });
});
