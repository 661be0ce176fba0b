import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  imagePaths,
  isFailure,
  locateSessions,
  minMaxInPlace,
  readSessions,
  type Session,
} from "@voxplain/caps-io";
import {
  type FileSource,
  isVoxplainError,
  memoryFiles,
  type Preprocessing,
  readFile,
  toBytes,
  VoxplainError,
} from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("fixtures/", import.meta.url));
const fixture = (name: string) => new Uint8Array(readFileSync(`${folder}${name}`));
const expected = JSON.parse(readFileSync(`${folder}expected.json`, "utf8"));

const session = (participantId: string): Session => ({
  name: `${participantId} ses-M00`,
  participantId,
  sessionId: "ses-M00",
  diagnosis: "AD",
  cohort: "single",
  row: {},
});

const tensorPath = (participant: string) =>
  imagePaths({ preprocessing: "t1-linear" }, participant, "ses-M00").tensor;
const niftiPath = (participant: string) =>
  imagePaths({ preprocessing: "t1-linear" }, participant, "ses-M00").nifti!;

async function capsWith(content: Record<string, string>) {
  const caps = memoryFiles(undefined, "caps");
  for (const [path, name] of Object.entries(content)) await caps.write(path, fixture(name));
  return caps;
}

const locate = (caps: FileSource, sessions: readonly Session[], preprocessing: Preprocessing = "t1-linear") =>
  locateSessions(sessions, { images: { preprocessing }, settings: { mode: "image" }, capsOf: () => caps });

/** The image of one session, as a network gets it. */
async function readWhole(
  caps: FileSource,
  { participant = "sub-1", preprocessing = "t1-linear" as Preprocessing, normalize = false } = {},
) {
  const { found } = await locate(caps, [session(participant)], preprocessing);
  for await (const image of readSessions(found, { normalize, readAhead: 0 })) {
    if (isFailure(image)) throw image.error;
    const { input, warnings } = await image.read(0);
    return { input, affine: image.affine, warnings: [...image.warnings, ...warnings] };
  }
  throw new Error("the CAPS has no such image");
}

describe("where images are found", () => {
  it.each([
    [
      "t1-linear",
      "subjects/sub-1/ses-2/deeplearning_prepare_data/image_based/t1_linear/sub-1_ses-2_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.pt",
      "subjects/sub-1/ses-2/t1_linear/sub-1_ses-2_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.nii.gz",
    ],
    [
      "t1-linear-downsampled",
      "subjects/sub-1/ses-2/deeplearning_prepare_data/image_based/t1_linear/sub-1_ses-2_T1w_space-MNI152NLin2009cSym_desc-Crop_res-2x2x2_T1w.pt",
      undefined,
    ],
    [
      "t1-extensive",
      "subjects/sub-1/ses-2/deeplearning_prepare_data/image_based/t1_extensive/sub-1_ses-2_space-Ixi549Space_desc-skullstripped_T1w.pt",
      "subjects/sub-1/ses-2/t1/spm/segmentation/normalized_space/sub-1_ses-2_space-Ixi549Space_desc-skullstripped_T1w.nii.gz",
    ],
    [
      "t1-volume",
      "subjects/sub-1/ses-2/deeplearning_prepare_data/image_based/custom/sub-1_ses-2_T1w_segm-graymatter_space-Ixi549Space_modulated-off_probability.pt",
      "subjects/sub-1/ses-2/t1/spm/segmentation/normalized_space/sub-1_ses-2_T1w_segm-graymatter_space-Ixi549Space_modulated-off_probability.nii.gz",
    ],
    ["shepplogan", "subjects/sub-1_ses-2_phantom-SheppLogan.pt", undefined],
  ] as const)("%s", (preprocessing, tensor, nifti) => {
    expect(imagePaths({ preprocessing }, "sub-1", "ses-2")).toEqual({ tensor, ...(nifti && { nifti }) });
  });

  it("the tensor comes first, the NIfTI stands in for it", async () => {
    const caps = await capsWith({
      [tensorPath("sub-1")]: "volume.pt",
      [niftiPath("sub-2")]: "float32.nii.gz",
    });
    const { found } = await locate(caps, [session("sub-1"), session("sub-2")]);
    const read = await Promise.all(found.map((located) => located.read({ normalize: true })));
    expect(read.map(({ image }) => image?.format)).toEqual(["tensor", "nifti"]);
  });

  it.each(["../sub-1", "/etc", "..", "a/b", "a\\b", "sub-1\0"])(
    "an ID that leads elsewhere is refused: %j",
    async (id) => {
      const caps = await capsWith({});
      const wrong = [session(id), { ...session("sub-1"), sessionId: id }];
      for (const one of wrong) {
        const failure = await locate(caps, [one]).catch((error: unknown) => error);
        expect(isVoxplainError(failure, "unsafe-file"), String(failure)).toBe(true);
      }
    },
  );

  it("in a folder that the system does not let read are failures of their session", async () => {
    const caps = await capsWith({ [tensorPath("sub-1")]: "volume.pt" });
    const locked: FileSource = {
      ...caps,
      async open(path) {
        if (!path.includes("sub-2")) return caps.open(path);
        throw new VoxplainError("io-failure", `cannot read ${path}: permission denied`);
      },
    };
    const { found, failures } = await locate(locked, ["sub-1", "sub-2"].map(session));
    expect(found.map(({ session }) => session.participantId)).toEqual(["sub-1"]);
    expect(failures.map(({ error }) => error.message)).toEqual([
      expect.stringMatching(/^sub-2 ses-M00: cannot read subjects\/sub-2\/.*: permission denied$/),
    ]);
  });

  it("that are missing are failures, which differ in their sessions alone", async () => {
    const caps = await capsWith({ [tensorPath("sub-1")]: "volume.pt" });
    const { found, failures } = await locate(caps, ["sub-1", "sub-2", "sub-3"].map(session));
    expect(found.map(({ session }) => session.participantId)).toEqual(["sub-1"]);
    expect(failures.map(({ error }) => error.session)).toEqual(["sub-2 ses-M00", "sub-3 ses-M00"]);
    const fields = failures.map(({ error: { problem, expected, hint } }) => ({ problem, expected, hint }));
    expect(fields[0]).toEqual(fields[1]);
    expect(fields[0]?.problem).toMatch(/^there is no t1-linear image in /);
    const named = "subjects/<participant_id>/<session_id>/.*/<participant_id>_<session_id>_T1w_.*";
    expect(fields[0]?.expected).toMatch(new RegExp(`^${named}\\.pt or ${named}\\.nii\\.gz$`));
  });
});

describe("an image", () => {
  const read = async (name: string, normalize = false) => {
    const caps = await capsWith({ [tensorPath("sub-1")]: name });
    return readWhole(caps, { normalize });
  };

  it("keeps the axis order of the tensor", async () => {
    const { input } = await read("volume.pt");
    expect(input.dims).toEqual([1, 5, 7, 6]);
    expect(input.data[0]).toBe(0);
    expect(input.data[1 * 42 + 2 * 6 + 3]).toBe(57);
  });

  it("may be a strided view in the legacy encoding", async () => {
    const { input } = await read("view.pt");
    expect(input.dims).toEqual([1, 6, 7, 3]);
    // volume[0, 2·k, j, i] is at [i, j, k].
    expect(input.data[(4 * 7 + 5) * 3 + 2]).toBe(4 * 42 + 5 * 6 + 4);
  });

  it("may have two dimensions, as the phantoms of shepplogan", async () => {
    const path = imagePaths({ preprocessing: "shepplogan" }, "sub-1", "ses-M00").tensor;
    const caps = await capsWith({ [path]: "phantom.pt" });
    const { input } = await readWhole(caps, { preprocessing: "shepplogan" });
    expect(input.dims).toEqual([1, 5, 6]);
    expect(input.data[29]).toBe(29);
  });

  it.each(Object.entries(expected.dtypes as Record<string, number[]>))(
    "of %s becomes the float32 values that torch makes of it",
    async (dtype, values) => {
      const { input } = await read(`${dtype}.pt`);
      expect(input.dims).toEqual([1, 2, 2, 2]);
      expect(input.data).toEqual(Float32Array.from(values));
    },
  );

  it("of integers becomes float32", async () => {
    const { input } = await read("integers.pt");
    expect([input.dtype, ...input.dims]).toEqual(["float32", 5, 7, 6]);
    expect(input.data[209]).toBe(209);
  });

  it("from a NIfTI has a channel in front and an affine", async () => {
    const caps = await capsWith({ [niftiPath("sub-1")]: "float32.nii.gz" });
    const { input, affine } = await readWhole(caps);
    expect(input.dims).toEqual([1, 5, 7, 6]);
    expect(Array.from(input.data)).toEqual(expected.nifti["float32.nii.gz"].data);
    expect(affine?.[0][3]).toBeCloseTo(-10, 5);
  });

  it("of a tensor takes the affine of the NIfTI beside it", async () => {
    const caps = await capsWith({ [tensorPath("sub-1")]: "volume.pt", [niftiPath("sub-1")]: "both.nii.gz" });
    const { affine } = await readWhole(caps);
    expect(affine).toEqual(expected.nifti["both.nii.gz"].affine);
  });

  it.each([
    ["on another grid", "wide.nii.gz", /has 35×3×67 voxels, its tensor has 5×7×6: its affine is not used/],
    ["that is damaged", "volume.pt", /it is not a NIfTI image .*; its affine is not used/],
  ])("is read with a warning beside a NIfTI %s", async (_, nifti, warning) => {
    const caps = await capsWith({ [tensorPath("sub-1")]: "volume.pt", [niftiPath("sub-1")]: nifti });
    const { affine, input, warnings } = await readWhole(caps);
    expect([affine, input.data[57]]).toEqual([undefined, 57]);
    expect(warnings).toEqual([expect.stringMatching(warning)]);
  });

  it("that is constant becomes zero, with a warning", async () => {
    const { input, warnings } = await read("constant.pt", true);
    expect(input.data.every((value) => value === 0)).toBe(true);
    expect(warnings).toEqual(["the image is constant; it was made zero"]);
  });

  it.each([
    ["empty.pt", /expected \[1, X, Y, Z\] or \[C, H, W\], found \[1, 0, 2, 2\]/],
    ["two_channels.pt", /expected \[1, X, Y, Z\] or \[C, H, W\], found \[2, 2, 3, 2\]/],
    ["nan.pt", /^sub-1 ses-M00: caps.*\.pt: 2 of 4 values are NaN or infinite/],
    ["matrix.pt", /sub-1 ses-M00: .*sub-1_ses-M00.*found \[7, 6\]/],
    ["dict.pt", /^sub-1 ses-M00: caps.*\.pt: it does not hold one tensor: found a dict/],
  ])("is refused when it is none: %s", async (name, message) => {
    await expect(read(name)).rejects.toThrow(message);
  });

  it.each(["volume.pt", "view.pt", "float32.nii.gz"])(
    "that is truncated anywhere is refused with its session and file: %s",
    async (name) => {
      const whole = fixture(name);
      const path = name.endsWith(".pt") ? tensorPath("sub-1") : niftiPath("sub-1");
      for (let length = 0; length < whole.length - 8; length += 37) {
        const caps = await capsWith({});
        await caps.write(path, whole.subarray(0, length));
        const failure = await readWhole(caps, { normalize: true }).catch((error: unknown) => error);
        expect(isVoxplainError(failure, "invalid-file"), `${length} bytes: ${failure}`).toBe(true);
        expect(String(failure)).toContain(`sub-1 ses-M00: caps/${path}`);
      }
    },
  );
});

describe("min-max normalization", () => {
  // NaN and the infinities are text in the JSON, as Python writes them.
  const numbers = (values: (number | string)[]) =>
    Float32Array.from(values, (value) => Number(String(value).replace("inf", "Infinity")));

  it.each(expected.min_max as { values: (number | string)[]; normalized: (number | string)[] }[])(
    "equals torch's float32 bit for bit (%#)",
    ({ values, normalized }) => {
      const data = numbers(values);
      expect(minMaxInPlace(data)).toBe(false);
      expect(data).toEqual(numbers(normalized));
    },
  );

  it("of the sample's images gives the bytes that torch gives", async () => {
    const caps = directory(fileURLToPath(new URL("../../../sample/caps", import.meta.url)));
    const sums: Record<string, string> = {};
    for (const participant of Object.keys(expected.sample)) {
      const preprocessing = "t1-linear-downsampled";
      const { input } = await readWhole(caps, { participant, preprocessing, normalize: true });
      expect(input.dims).toEqual([1, 85, 104, 90]);
      sums[participant] = createHash("sha256").update(toBytes(input)).digest("hex");
    }
    expect(sums).toEqual(expected.sample);
  });

  it("leaves the file's own bytes alone, also where they are in memory", async () => {
    const caps = await capsWith({ [tensorPath("sub-1")]: "volume.pt" });
    await readWhole(caps, { normalize: true });
    expect(await readFile(caps, tensorPath("sub-1"))).toEqual(fixture("volume.pt"));
  });
});

describe("images of a cohort", () => {
  /** A CAPS that counts what was opened, and its images. */
  async function countingCaps(count: number) {
    const participants = Array.from({ length: count }, (_, k) => `sub-${k}`);
    const inner = await capsWith(
      Object.fromEntries(participants.map((name) => [tensorPath(name), "volume.pt"])),
    );
    const opened: string[] = [];
    const caps: FileSource = {
      ...inner,
      open: async (path) => {
        opened.push(path);
        return inner.open(path);
      },
    };
    const { found } = await locate(caps, participants.map(session));
    opened.length = 0;
    return { images: found, opened };
  }

  it("come in their order, whatever is read ahead", async () => {
    for (const readAhead of [0, 1, 3, 100]) {
      const { images } = await countingCaps(7);
      const names: string[] = [];
      for await (const { session } of readSessions(images, { normalize: true, readAhead })) {
        names.push(session.participantId);
      }
      expect(names).toEqual(images.map(({ session }) => session.participantId));
    }
  });

  it.each([0, 1, 2, 5])("are read exactly %d ahead", async (readAhead) => {
    const { images, opened } = await countingCaps(20);
    let taken = 0;
    for await (const _ of readSessions(images, { normalize: true, readAhead })) {
      taken++;
      await new Promise((resolve) => setTimeout(resolve, 1));
      expect(opened.length).toBe(Math.min(20, taken + readAhead));
    }
    expect(opened.length).toBe(20);
  });

  it("are no longer read once the caller stops taking them", async () => {
    const { images, opened } = await countingCaps(20);
    for await (const _ of readSessions(images, { normalize: true, readAhead: 2 })) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(opened.length).toBeLessThanOrEqual(3);
  });
});
