import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identityAffine } from "@voxplain/core";
import { gzipInPool } from "@voxplain/core/node";
import { encodeNiftiGz } from "@voxplain/writers";
import { beforeEach, describe, expect, it } from "vitest";
import { casesOf } from "../../../tests/long-tests.ts";
import { checkResults } from "../../../tests/result-schemas.ts";
import {
  copyImages,
  expectedNpy,
  expectMap,
  imageIn,
  interpretModel,
  modelOf,
  npy,
  partFixtures,
  resultIn,
  row,
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

/** The AD sessions: sub-02 ses-M00, sub-01 ses-M18, sub-01 ses-M00, sub-04 ses-M00. */
const interpret = (level: "group" | "individual", model: string, ...options: string[]) =>
  interpretModel(
    out,
    level,
    model,
    "x",
    ...["--caps_dir", join(folder.path, "caps"), "--tsv_path", join(folder.path, "labels"), ...options],
  );

const isShort = (model: string) => model === "patch-multicnn";

describe.each(casesOf(["patch", "patch-multicnn", "slice"], isShort))(
  "an image that is missing (%s)",
  (model) => {
    it("ends the job before anything is computed", async () => {
      rmSync(image("sub-04", "ses-M00"));
      const { status, errors } = await interpret("individual", model, "--on_error", "stop");
      expect(status).toBe(1);
      expect(errors).toMatch(
        /sub-04 ses-M00: there is no t1-linear image, nor extracted (patches|slices) of it, in .*caps/,
      );
      expect(existsSync(out)).toBe(false);
    });

    it("is listed with its reason by --on_error skip, which goes on and ends with 3", async () => {
      rmSync(image("sub-02", "ses-M00"));
      const { status, errors } = await interpret("individual", model, "--on_error", "skip");
      expect(status).toBe(3);
      expect(errors).toContain("skipped: sub-02 ses-M00: there is no t1-linear image");
      const result = resultIn(out, "x");
      const failed = table(join(result, "errors.tsv"));
      expect(failed).toHaveLength(1);
      expect(failed[0]).toMatchObject({
        participant_id: "sub-02",
        session_id: "ses-M00",
        error: "not-found",
      });
      expect(failed[0]!.reason).toContain("sub-02 ses-M00");
      expect(readdirSync(result).filter((name) => name.startsWith("sub-"))).toEqual(["sub-01", "sub-04"]);
      const recomposed = row(expectedNpy(model, "recomposed.npy"), 3);
      expectMap(
        npy(join(result, "sub-04/ses-M00/recomposed.npy")),
        recomposed,
        model === "slice" ? 1e-4 : 1e-5,
      );
      expect(table(join(result, "data.tsv")).map((line) => line.participant_id)).toEqual([
        "sub-01",
        "sub-01",
        "sub-04",
      ]);
    });
  },
);

describe.each(casesOf(["patch", "patch-multicnn"], isShort))("an image that is broken (%s)", (model) => {
  it.each(["individual", "group"] as const)(
    "ends the job there with --on_error stop; what was finished is gone on with when it is repaired (%s)",
    async (level) => {
      const broken = image("sub-04", "ses-M00");
      const intact = readFileSync(broken);
      truncateSync(broken, 700);
      const { status, errors } = await interpret(level, model, "--on_error", "stop");
      expect(status).toBe(1);
      expect(errors).toMatch(/sub-04 ses-M00: .*sub-04_ses-M00.*\.nii\.gz/);
      expect(errors).toContain("after 3 of 4 sessions; continue with --resume when it is repaired");
      expect(errors).not.toMatch(/[?.]\./);
      expect(existsSync(resultIn(out, "x"))).toBe(false);
      writeFileSync(broken, intact);
      const again = await interpret(level, model, "--resume");
      expect(again.status).toBe(0);
      expect(again.errors).toContain("3 finished before");
      expect(table(join(resultIn(out, "x"), "data.tsv"))).toHaveLength(4);
    },
  );

  it("is left out of the group map by --on_error skip", async () => {
    truncateSync(image("sub-02", "ses-M00"), 700);
    rmSync(image("sub-04", "ses-M00"));
    const { status } = await interpret("group", model, "--on_error", "skip");
    expect(status).toBe(3);
    const result = resultIn(out, "x");
    const failed = table(join(result, "errors.tsv"));
    expect(failed.map((line) => line.participant_id).sort()).toEqual(["sub-02", "sub-04"]);
    const checked = checkResults(result);
    expect(checked.map(({ schema }) => schema)).toContain("errors");
    expect(checked.flatMap(({ problems }) => problems)).toEqual([]);
    // The sentence for people is made of the fields for programs.
    const broken = failed.find((line) => line.participant_id === "sub-02");
    expect(broken?.error).toBe("invalid-file");
    expect(broken?.file).toMatch(/sub-02_ses-M00.*\.nii\.gz$/);
    expect(broken?.reason).toContain(`sub-02 ses-M00: ${broken?.file}: `);
    expect(table(join(result, "data.tsv")).map((line) => line.session_id)).toEqual(["ses-M18", "ses-M00"]);
    // The mean of the two that are left: rows 1 and 2.
    const all = expectedNpy(model, "recomposed.npy");
    const [first, second] = [row(all, 1), row(all, 2)];
    const values = first.values.map((value, k) => (value + second.values[k]!) / 2);
    expectMap(npy(join(result, "recomposed.npy")), { shape: first.shape, values }, 1e-5);
  });

  it("is an error where no session is left", async () => {
    for (const participant of ["sub-02", "sub-04"]) truncateSync(image(participant, "ses-M00"), 700);
    writeFileSync(
      join(folder.path, "labels/AD.tsv"),
      "participant_id\tsession_id\nsub-02\tses-M00\nsub-04\tses-M00\n",
    );
    const { status, errors } = await interpret("group", model, "--on_error", "skip");
    expect(status).toBe(1);
    expect(errors).toMatch(/none of the 2 sessions can be used; the first: sub-02 ses-M00: /);
    expect(existsSync(out)).toBe(false);
  });
});

describe("an image of another size", () => {
  beforeEach(() => {
    // Of 169×208×179 voxels, where the others have 13×11×9.
    const full = image("sub-31", "ses-M00").replace(
      join(folder.path, "caps/"),
      `${join(partFixtures, "caps-full")}/`,
    );
    cpSync(full, image("sub-02", "ses-M00"));
  });

  it.each(["roi", "roi-multicnn"])(
    "does not fit the masks, which is said of the session: %s",
    async (model) => {
      const { status, errors } = await interpret("group", model, "--on_error", "stop");
      expect(status).toBe(1);
      expect(errors).toMatch(/sub-02 ses-M00: .*it has 169×208×179 voxels, but the mask .* has 13×11×9/);
    },
  );

  it("has more patches than a multi-CNN model has networks: it is skipped, even as the first", async () => {
    const { status } = await interpret("individual", "patch-multicnn", "--on_error", "skip");
    expect(status).toBe(3);
    const [failed] = table(join(resultIn(out, "x"), "errors.tsv"));
    expect(failed!.reason).toMatch(/sub-02 ses-M00: it has \d+ parts, but the model has 4 networks/);
  });

  it("does not fit a network of whole images: it is skipped, even as the first", async () => {
    const { status } = await interpret("group", "atlas", "--on_error", "skip");
    expect(status).toBe(3);
    expect(table(join(resultIn(out, "x"), "errors.tsv"))).toMatchObject([{ participant_id: "sub-02" }]);
    expect(table(join(resultIn(out, "x"), "data.tsv"))).toHaveLength(3);
  });
});

describe("an image that is a little larger, with as many patches", () => {
  beforeEach(async () => {
    const shape = [13, 12, 9] as const;
    const data = Float32Array.from({ length: 13 * 12 * 9 }, (_, k) => (k * 37) % 256);
    const bytes = await encodeNiftiGz({ data, shape, affine: identityAffine }, gzipInPool);
    writeFileSync(image("sub-04", "ses-M00"), bytes);
  });
  const reason =
    /sub-04 ses-M00 has 13×12×9 voxels, but sub-02 ses-M00 has 13×11×9: .* at individual level each has its own/;

  it.each(["patch", "patch-multicnn"])("has no place in the group's map: %s", async (model) => {
    const { status, errors } = await interpret("group", model, "--on_error", "stop");
    expect(status).toBe(1);
    expect(errors).toMatch(reason);
    expect(existsSync(out)).toBe(false);
  });

  it("is left out of it by --on_error skip", async () => {
    const { status } = await interpret("group", "patch", "--on_error", "skip");
    expect(status).toBe(3);
    const result = resultIn(out, "x");
    expect(table(join(result, "errors.tsv"))).toMatchObject([
      { participant_id: "sub-04", error: "mismatch" },
    ]);
    expect(table(join(result, "data.tsv"))).toHaveLength(3);
    expect(npy(join(result, "recomposed.npy")).shape).toEqual([13, 11, 9]);
  });

  it("has a map of its own at individual level", async () => {
    const { status } = await interpret("individual", "patch");
    expect(status).toBe(0);
    expect(npy(join(resultIn(out, "x"), "sub-04/ses-M00/recomposed.npy")).shape).toEqual([13, 12, 9]);
  });

  it("is not on the template's grid, which is said before anything is computed", async () => {
    const template = ["--nifti_template_path", image("sub-02", "ses-M00")];
    const { status, errors } = await interpret("individual", "patch", ...template, "--on_error", "stop");
    expect(status).toBe(1);
    expect(errors).toMatch(/sub-04 ses-M00 has 13×12×9 voxels, but the template .* has 13×11×9: /);
    expect(existsSync(out)).toBe(false);
  });
});

describe("an extracted part that is missing", () => {
  beforeEach(() => {
    for (const shared of ["caps-extracted", "labels-extracted"]) {
      cpSync(join(partFixtures, shared), join(folder.path, shared), { recursive: true });
    }
    const patches = join(
      folder.path,
      "caps-extracted/subjects/sub-21/ses-M00/deeplearning_prepare_data/patch_based/t1_linear",
    );
    rmSync(join(patches, readdirSync(patches).find((name) => name.includes("patch-4_"))!));
  });
  const options = () => [
    ...[
      "--caps_dir",
      join(folder.path, "caps-extracted"),
      "--tsv_path",
      join(folder.path, "labels-extracted"),
    ],
  ];

  it("is named: a session is used whole or not at all", async () => {
    const stop = ["--on_error", "stop"];
    const { status, errors } = await interpretModel(out, "group", "patch", "x", ...options(), ...stop);
    expect(status).toBe(1);
    expect(errors).toMatch(/sub-21 ses-M00: .*patch 4 is missing/);
  });

  it("lets the session be skipped", async () => {
    const { status } = await interpretModel(out, "group", "patch", "x", ...options(), "--on_error", "skip");
    expect(status).toBe(3);
    expect(table(join(resultIn(out, "x"), "data.tsv")).map((line) => line.participant_id)).toEqual([
      "sub-22",
    ]);
  });
});

describe("voxplain predict", () => {
  const predict = (...options: string[]) =>
    voxplain(
      "predict",
      modelOf("patch"),
      ...["--use_cpu", "--output_dir", out, "--caps_dir", join(folder.path, "caps")],
      ...["--tsv_path", join(folder.path, "labels"), ...options],
    );

  it("stops at a broken image where that is wanted, and makes no result", async () => {
    truncateSync(image("sub-03", "ses-M00"), 700);
    const { status, errors } = await predict("--on_error", "stop");
    expect(status).toBe(1);
    expect(errors).toMatch(/sub-03 ses-M00: .*\.nii\.gz/);
    expect(existsSync(resultIn(out, "all", "predictions"))).toBe(false);
  });

  it("skips it where that is wanted", async () => {
    truncateSync(image("sub-03", "ses-M00"), 700);
    const { status } = await predict("--on_error", "skip");
    expect(status).toBe(3);
    const result = resultIn(out, "all", "predictions");
    expect(table(join(result, "predictions.tsv"))).toHaveLength(5);
    expect(readFileSync(join(result, "errors.tsv"), "utf8")).toContain("sub-03");
  });
});
