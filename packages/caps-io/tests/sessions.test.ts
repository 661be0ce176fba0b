import {
  imagePaths,
  isFailure,
  locateSessions,
  type PartSettings,
  readSessionGrids,
  readSessions,
} from "@voxplain/caps-io";
import type { FileSource } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { findSessionFiles } from "../src/parts/find-session-files.ts";
import { niftiOf } from "./nifti-of.ts";
import { maskPath, partCaps, partFixture, partSession } from "./part-fixtures.ts";

const patches: PartSettings = { mode: "patch", size: 4, stride: 3, extracted: false };
const path = (name: string) => imagePaths({ preprocessing: "t1-linear" }, name, "ses-M00").tensor;
const located = (caps: FileSource, names: readonly string[], settings: PartSettings = patches) =>
  locateSessions(
    names.map((name) => partSession(name)),
    { images: { preprocessing: "t1-linear" }, settings, capsOf: () => caps },
  );

describe("sessions", () => {
  it("of which one is broken come one after the other, that one as a failure", async () => {
    const caps = await partCaps({
      [path("sub-1")]: "image.pt",
      [path("sub-2")]: partFixture("image.pt").subarray(0, 900),
      [path("sub-3")]: "slice-1.pt",
      [path("sub-4")]: "image.pt",
    });
    for (const readAhead of [0, 2]) {
      const { found, failures } = await located(caps, ["sub-1", "sub-2", "sub-3", "sub-4"]);
      expect(failures).toEqual([]);
      const outcomes: string[] = [];
      for await (const item of readSessions(found, { normalize: true, readAhead })) {
        const outcome = isFailure(item) ? item.error.message : item.parts.length;
        outcomes.push(`${item.session.participantId}: ${outcome}`);
      }
      expect(outcomes).toEqual([
        "sub-1: 4",
        expect.stringMatching(`^sub-2: sub-2 ses-M00: caps/${path("sub-2")}`),
        expect.stringMatching(
          /^sub-3: sub-3 ses-M00: .* it has the shape \[3, 9, 6\]; only 3D images have parts/,
        ),
        "sub-4: 4",
      ]);
    }
  });

  it("whose headers are damaged have that as the problem of their grids, in the words of the reader", async () => {
    const nifti = (name: string) => imagePaths({ preprocessing: "t1-linear" }, name, "ses-M00").nifti!;
    const volume = niftiOf([2, 3, 4], (x) => x);
    const caps = await partCaps({
      [path("sub-1")]: "image.pt",
      [path("sub-2")]: partFixture("image.pt").subarray(0, 900),
      [nifti("sub-3")]: volume.slice(0, 200),
      [nifti("sub-4")]: volume.slice(0, -1),
      [nifti("sub-5")]: volume,
    });
    const names = [1, 2, 3, 4, 5].map((k) => `sub-${k}`);
    const { found } = await located(caps, names, { mode: "image" });
    const grids = await readSessionGrids(found);
    const problems = grids.map(({ problem }) => problem?.message);
    const words: (string | undefined)[] = [];
    for await (const item of readSessions(found, { normalize: true, readAhead: 0 })) {
      words.push(isFailure(item) ? item.error.message : undefined);
    }
    expect(problems).toEqual(words);
    expect(problems).toEqual([
      undefined,
      expect.stringMatching(`^sub-2 ses-M00: caps/${path("sub-2")}`),
      expect.stringMatching(/^sub-3 ses-M00: .*sub-3.* it is not a NIfTI image/),
      expect.stringMatching(/^sub-4 ses-M00: .*sub-4.* the image of 2×3×4 voxels is truncated: expected/),
      undefined,
    ]);
  });

  it("whose image is missing are failures that name what was looked for", async () => {
    const caps = await partCaps({ [path("sub-2")]: "image.pt" });
    const { found, failures } = await located(caps, ["sub-1", "sub-2", "sub-3"]);
    expect(found.map(({ session }) => session.participantId)).toEqual(["sub-2"]);
    expect(failures.map(({ session, error }) => [session.participantId, error.code, error.message])).toEqual(
      ["sub-1", "sub-3"].map((name) => [
        name,
        "not-found",
        expect.stringMatching(
          `^${name} ses-M00: there is no t1-linear image, nor extracted patches of it, in caps: expected .*_T1w\\.pt or .*\\.nii\\.gz or .*_patch-0_T1w\\.pt$`,
        ),
      ]),
    );
    expect(failures[0]!.error.message).not.toContain("begins with");
  });

  it("under an ID without its prefix are failures that name the prefixes", async () => {
    const { failures } = await located(await partCaps({ [path("sub-2")]: "image.pt" }), ["2"]);
    expect(failures[0]!.error.message).toMatch(
      /^2 ses-M00: there is no .*participant_id begins with "sub-" and session_id with "ses-"$/,
    );
  });

  it("read each image once, however many parts it has", async () => {
    const inner = await partCaps({ [path("sub-1")]: "image.pt", [path("sub-2")]: "image.pt" });
    const opened: string[] = [];
    const caps: FileSource = {
      ...inner,
      open: (file) => {
        opened.push(file);
        return inner.open(file);
      },
    };
    const { found } = await located(caps, ["sub-1", "sub-2"]);
    opened.length = 0;
    for await (const item of readSessions(found, { normalize: true, readAhead: 0 })) {
      if (isFailure(item)) throw item.error;
      for (const { index } of item.parts) await item.read(index);
    }
    expect(opened).toEqual([path("sub-1"), path("sub-2")]);
  });

  it("share the masks of regions, also those of another cohort's CAPS", async () => {
    const one = await partCaps({ [path("sub-1")]: "image.pt" });
    const two = await partCaps({ [path("sub-2")]: "image.pt", [maskPath("one")]: "one_mask.nii.gz" });
    const { found } = await findSessionFiles([partSession("sub-1", "A"), partSession("sub-2", "B")], {
      images: { preprocessing: "t1-linear" },
      settings: { mode: "roi", list: ["one"], uncropped: false, extracted: false },
      capsOf: ({ cohort }) => (cohort === "A" ? one : two),
    });
    expect(found[0]!.masks).toBe(found[1]!.masks);
    expect(found[0]!.masks).toHaveLength(1);
  });

  it("find the masks of downsampled images under their resolution", async () => {
    const ofHalf = (name: string) => name.replace("res-1x1x1", "res-2x2x2");
    const caps = await partCaps({
      [ofHalf(path("sub-1"))]: "image.pt",
      [ofHalf(maskPath("one"))]: "one_mask.nii.gz",
    });
    const { found } = await findSessionFiles([partSession("sub-1")], {
      images: { preprocessing: "t1-linear-downsampled" },
      settings: { mode: "roi", list: ["one"], uncropped: false, extracted: false },
      capsOf: () => caps,
    });
    expect(found[0]!.masks).toMatchObject([{ name: "one", file: expect.stringContaining("res-2x2x2") }]);
  });
});
