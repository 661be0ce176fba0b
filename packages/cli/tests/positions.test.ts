import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import {
  copyImages,
  imageIn,
  interpretModel,
  nifti,
  partFixtures,
  resultIn,
  table,
  temporaryFolder,
} from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

const folder = temporaryFolder();
let out = "";
beforeEach(() => {
  out = join(folder.path, "out");
  copyImages(folder.path);
});

const image = (participant: string, session: string) => imageIn(folder.path, participant, session);

/** Changes the header of a NIfTI-1 file. */
function changeHeader(path: string, change: (header: DataView) => void, to = path): void {
  const bytes = readFileSync(path);
  const content = Uint8Array.from(path.endsWith(".gz") ? gunzipSync(bytes) : bytes);
  change(new DataView(content.buffer));
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, to.endsWith(".gz") ? gzipSync(content) : content);
}

/** A sform of zeros, and no qform. */
const breakAffine = (header: DataView) => {
  for (let k = 0; k < 12; k++) header.setFloat32(280 + 4 * k, 0, true);
  header.setInt16(252, 0, true);
};

/** The first axis points the other way; the voxels stay as they are. */
const mirror = (header: DataView) => {
  for (const row of [280, 296, 312]) header.setFloat32(row, -header.getFloat32(row, true), true);
};

/** The AD sessions: sub-02 ses-M00, sub-01 ses-M18, sub-01 ses-M00, sub-04 ses-M00. The first that cannot be used ends the job. */
const interpret = (level: "group" | "individual", model: string, ...options: string[]) =>
  interpretModel(
    out,
    level,
    model,
    "x",
    ...["--caps_dir", join(folder.path, "caps"), "--tsv_path", join(folder.path, "labels")],
    ...["--on_error", "stop", ...options],
  );

describe("a session whose affine is broken", () => {
  it.each(["group", "individual"] as const)(
    "ends the job before anything is computed, naming the file: %s",
    async (level) => {
      changeHeader(image("sub-04", "ses-M00"), breakAffine);
      // For this one the tensor is read, and its NIfTI gives the position.
      changeHeader(image("sub-02", "ses-M00"), breakAffine, image("sub-01", "ses-M00"));
      const { status, errors } = await interpret(level, "patch");
      expect(status).toBe(1);
      expect(errors).toContain("2 of 4 sessions cannot be used:");
      for (const participant of ["sub-01", "sub-04"]) {
        expect(errors).toContain(
          `${image(participant, "ses-M00")} has no usable affine: its sform is all zeros, and its qform has code 0`,
        );
      }
      expect(errors).toContain("(--nifti_template_path <image>)");
      expect(existsSync(out)).toBe(false);
    },
  );

  it("is left out by --on_error skip, and used with a template", async () => {
    const broken = image("sub-04", "ses-M00");
    changeHeader(broken, breakAffine);
    const skipped = await interpret("group", "patch", "--on_error", "skip");
    expect(skipped.status).toBe(3);
    expect(table(join(resultIn(out, "x"), "errors.tsv"))).toMatchObject([
      { participant_id: "sub-04", error: "invalid-file" },
    ]);
    const template = image("sub-02", "ses-M00");
    const { status, errors } = await interpret(
      "group",
      "patch",
      ...["--nifti_template_path", template, "--overwrite"],
    );
    expect(status).toBe(0);
    expect(errors).toMatch(
      /warning: sub-04 ses-M00: .* has no usable affine: .*; the template's affine is used/,
    );
    expect(nifti(join(resultIn(out, "x"), "recomposed.nii.gz")).affine).toEqual(nifti(template).affine);
  });

  it("is predicted, with a warning", async () => {
    changeHeader(image("sub-04", "ses-M00"), breakAffine);
    const { status, errors } = await voxplain(
      ...["predict", join(partFixtures, "models/patch"), "--use_cpu", "--threads", "1", "--output_dir", out],
      ...["--caps_dir", join(folder.path, "caps"), "--tsv_path", join(folder.path, "labels")],
    );
    expect(status).toBe(0);
    expect(errors).toMatch(/warning: sub-04 ses-M00: .*has no usable affine: .*; predictions do not need it/);
  });

  it("that is the template is an error", async () => {
    const template = join(folder.path, "template.nii");
    changeHeader(image("sub-04", "ses-M00"), breakAffine, template);
    const { status, errors } = await interpret("group", "patch", "--nifti_template_path", template);
    expect(status).toBe(1);
    expect(errors).toContain(`${template} has no usable affine`);
    expect(existsSync(out)).toBe(false);
  });
});

describe("a session whose header is damaged", () => {
  const damage = (header: DataView) => header.setInt16(40, 9, true);

  it.each(["group", "individual"] as const)(
    "ends the job before anything is computed, naming each file: %s",
    async (level) => {
      for (const participant of ["sub-02", "sub-04"]) changeHeader(image(participant, "ses-M00"), damage);
      const { status, errors } = await interpret(level, "patch");
      expect(status).toBe(1);
      expect(errors).toContain("2 of 4 sessions: the NIfTI image is damaged: it has impossible dimensions:");
      for (const participant of ["sub-02", "sub-04"]) {
        expect(errors).toContain(`${participant} ses-M00: ${image(participant, "ses-M00")}: found 9, `);
      }
      expect(errors).not.toContain("--nifti_template_path");
      expect(existsSync(out)).toBe(false);
    },
  );
});

describe("an image whose first axis points the other way", () => {
  it("is never averaged with the others, with a template neither", async () => {
    changeHeader(image("sub-04", "ses-M00"), mirror);
    for (const options of [[], ["--nifti_template_path", image("sub-02", "ses-M00")]]) {
      const { status, errors } = await interpret("group", "patch", ...options);
      expect(status).toBe(1);
      expect(errors).toMatch(
        /the axes of sub-04 ses-M00 point in other directions \(.*\) than those of sub-02 ses-M00/,
      );
      expect(existsSync(out)).toBe(false);
    }
  });

  it("has a map with its own affine at individual level, and a warning says so", async () => {
    changeHeader(image("sub-04", "ses-M00"), mirror);
    const { status, errors } = await interpret("individual", "patch");
    expect(status).toBe(0);
    expect(errors).toContain("warning: the axes of the images point in different directions: ");
    for (const participant of ["sub-02", "sub-04"]) {
      const map = join(resultIn(out, "x"), participant, "ses-M00/recomposed.nii.gz");
      expect(nifti(map).affine).toEqual(nifti(image(participant, "ses-M00")).affine);
    }
  });
});

it("a mask whose first axis points the other way is refused before anything is computed", async () => {
  const masks = join(folder.path, "caps/masks/roi_based/tpl-MNI152NLin2009cSym");
  const [mask = ""] = readdirSync(masks).sort();
  changeHeader(join(masks, mask), mirror);
  const { status, errors } = await interpret("individual", "roi");
  expect(status).toBe(1);
  expect(errors).toMatch(
    /the axes of the mask .* point in other directions \(.*\) than those of sub-02 ses-M00/,
  );
  expect(existsSync(out)).toBe(false);
});

describe("voxplain explain", () => {
  const volume = fileURLToPath(new URL("fixtures/onnx/volume.nii.gz", import.meta.url));
  const model = fileURLToPath(new URL("fixtures/onnx/volume.onnx", import.meta.url));
  const explain = (...args: string[]) =>
    voxplain("explain", model, ...args, "--use_cpu", "--threads", "1", "--output_dir", out);
  const copy = (name: string, change: (header: DataView) => void) => {
    const path = join(folder.path, name);
    changeHeader(volume, change, path);
    return path;
  };

  it("refuses an image whose affine is broken before it computes the first", async () => {
    const { status, errors } = await explain(volume, copy("broken.nii", breakAffine));
    expect(status).toBe(1);
    expect(errors).toMatch(/broken\.nii has no usable affine: .*; correct its header/);
    expect(existsSync(out)).toBe(false);
  });

  it("warns of images with different orientations", async () => {
    const { status, errors } = await explain(volume, copy("mirrored.nii", mirror));
    expect(status).toBe(0);
    expect(errors).toContain("warning: the axes of the images point in different directions: ");
  });

  it.each([
    ["an atlas", "region-occlusion", "labels"],
    ["images to compare with", "expected-gradients", "references"],
    ["a baseline", "integrated-gradients", "baseline_image"],
  ])("refuses %s of another orientation", async (_, method, option) => {
    const other = copy("mirrored.nii", mirror);
    const { status, errors } = await explain(
      volume,
      "--method",
      method,
      "--method_options",
      `${option}=${other}`,
    );
    expect(status).toBe(1);
    expect(errors).toMatch(/the axes of .*mirrored\.nii point in other directions/);
    expect(existsSync(out)).toBe(false);
  });
});
