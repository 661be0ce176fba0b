// Limits of a machine or of a batch system, under which native code would end the program in the middle.
import { describe, expect, it } from "vitest";
import { refuseAddressSpace, refuseOpenFiles, refusePictureSpace } from "../src/limits.ts";

it("too few open files are refused before anything is done", () => {
  expect(() => refuseOpenFiles(63)).toThrow(
    "too few files may be open at once: expected at least 64, found 63; raise the limit (ulimit -n)",
  );
  expect(() => refuseOpenFiles(64)).not.toThrow();
  expect(() => refuseOpenFiles()).not.toThrow();
});

describe("an address space", () => {
  it("in which nothing can compute is refused", () => {
    expect(() => refuseAddressSpace(1, 2e9)).toThrow(
      /the address space is too small to compute in: expected at least 3\.0 GB, found 2\.0 GB; raise the limit/,
    );
  });

  it("in which kernels have no room leaves the network to ONNX Runtime, and says so", () => {
    expect(refuseAddressSpace(1, 4e9)).toMatch(
      /^the address space is limited to 4\.0 GB: ONNX Runtime computes/,
    );
  });

  it("in which pictures cannot be drawn is refused before a report is made", () => {
    expect(() => refusePictureSpace(1.5e9)).toThrow(
      /the address space is too small to draw pictures: expected at least 2\.0 GB, found 1\.5 GB; raise the limit/,
    );
    expect(() => refusePictureSpace(2e9)).not.toThrow();
  });

  it("without a limit has room for kernels", () => expect(refuseAddressSpace(64)).toBeUndefined());
});
