import { gzipSync } from "node:zlib";
import { looseImage, parsePreprocessing, type Session } from "@voxplain/caps-io";
import { encodeNpy, memoryFiles, tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { niftiOf } from "./nifti-of.ts";
import { pngOf } from "./png-of.ts";

const session: Session = {
  ...{ name: "image", participantId: "", sessionId: "", diagnosis: "" },
  ...{ row: {}, cohort: "single" },
};
const nifti = niftiOf([2, 3, 2], (x, y, z) => x + 2 * y + 6 * z);
const half = nifti.length / 2;

const files = memoryFiles(
  new Map([
    ["plain.nii", nifti],
    ["members.nii.gz", Buffer.concat([gzipSync(nifti.subarray(0, half)), gzipSync(nifti.subarray(half))])],
    [
      "axes.npy",
      encodeNpy(
        tensor("float32", [1, 1, 1, 2, 3, 2], Float32Array.from([0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11])),
      ),
    ],
    ["grey.png", pngOf({ width: 3, height: 2, kind: 0, depth: 8, value: (x, y) => 10 * x + y })],
    ["truncated.nii", nifti.subarray(0, nifti.length - 1)],
  ]),
);
const volumes = { lengths: [1, 2, 3, 2], channelsLast: false };
const image = (path: string, spec: typeof volumes, ...steps: string[]) =>
  looseImage(files, path, session, { spec, steps: parsePreprocessing(steps) });

describe("an image in a file of its own", () => {
  it.each(["plain.nii", "members.nii.gz", "axes.npy"])(
    "is one part on the grid of the network: %s",
    async (path) => {
      const located = image(path, volumes, "scale=0.5");
      const input = await located.read({ normalize: false });
      const { input: values } = await input.read(0);
      expect(values.dims).toEqual([1, 2, 3, 2]);
      expect([...values.data]).toEqual([0, 3, 1, 4, 2, 5, 0.5, 3.5, 1.5, 4.5, 2.5, 5.5]);
      expect(input).toMatchObject({ session, files: [path], grid: [2, 3, 2], parts: [{ name: "image" }] });
      expect(await located.grid()).toMatchObject({ name: "image", shape: [2, 3, 2], channels: 1 });
      expect((await located.grid()).affine).toEqual(input.affine);
    },
  );

  it("may be a picture", async () => {
    const located = image("grey.png", { lengths: [3, 2, 3], channelsLast: false }, "rgb", "min-max");
    expect(await located.grid()).toEqual({ name: "image", shape: [2, 3], channels: 3 });
    const { input } = await (await located.read({ normalize: false })).read(0);
    expect(input.dims).toEqual([3, 2, 3]);
    expect(input.data[5]).toBe(1);
  });

  it.each([
    ["plain.nii", [1, 2, 2, 2], "plain.nii: the image has another shape than the network takes"],
    ["truncated.nii", [1, 2, 3, 2], "truncated.nii"],
    ["absent.npy", [1, 2, 3, 2], "absent.npy"],
    ["grey.png", [1, 2, 3, 2], "expected a 3D image, found [1, 2, 3]"],
  ])("that cannot be used says why in its grid: %s", async (path, lengths, message) => {
    const { problem } = await image(path, { lengths, channelsLast: false }).grid();
    expect(problem?.message).toContain(message);
  });
});
