// One report of real folders of the command: a network of patches, a mean map, maps of each session, predictions, regions, agreement, a comparison.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readMapGeometry } from "@voxplain/caps-io";
import { identityAffine } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { encodeNifti } from "@voxplain/writers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modelOf, partFixtures } from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

const model = modelOf("patch");
const phantoms = fileURLToPath(new URL("fixtures/phantoms/model", import.meta.url));
const onnx = fileURLToPath(new URL("fixtures/onnx", import.meta.url));
const data = ["--caps_dir", join(partFixtures, "caps"), "--tsv_path", join(partFixtures, "labels")];
const template = join(
  partFixtures,
  "caps/subjects/sub-02/ses-M00/t1_linear/sub-02_ses-M00_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.nii.gz",
);
const below = "fold-0/gradients/best_balanced_accuracy";
const home = process.cwd();
let folder: string;

async function succeeds(...argv: string[]): Promise<void> {
  const { status, errors } = await voxplain(...argv);
  expect(status, errors).toBe(0);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-report-"));
  process.chdir(folder);
  const interpret = (level: string, name: string, ...more: string[]) =>
    succeeds(
      "interpret",
      level,
      model,
      name,
      "--use_cpu",
      "--output_dir",
      ".",
      ...data,
      "--nifti_template_path",
      template,
      ...more,
    );
  await interpret("individual", "each", "--checks", "infidelity", "--seed", "1");
  await interpret("individual", "by-ig", "--method", "integrated-gradients", "--method_options", "steps=4");
  await interpret("group", "mean");
  await succeeds("predict", model, "--use_cpu", "--output_dir", ".", ...data);
  const { shape, affine = identityAffine } = await readMapGeometry(
    directory(join(below, "mean")),
    "recomposed.nii.gz",
  );
  const labels = Uint8Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, v) => v % 3);
  writeFileSync("atlas.nii", encodeNifti({ data: labels, shape, affine }));
  await succeeds("regions", join(below, "each"), "--atlas", "atlas.nii");
  await succeeds("agreement", join(below, "each"), join(below, "by-ig"));
  await succeeds("compare", join(below, "each"), "0", "zero", "--no_tfce", "--cluster_t", "1");
}, 120_000);
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const all = () => [
  ...["each", "mean"].map((name) => join(below, name)),
  ...["fold-0/predictions/best_balanced_accuracy/all", "agreement", "zero"],
];
const read = (file: string) => readFileSync(file, "utf8");

describe("voxplain report", () => {
  it("makes one page of all results, each in its own section, and tables of regions with their job", async () => {
    const { status, output, errors } = await voxplain("report", ...all());
    expect(errors).not.toContain("voxplain:");
    expect({ status, output }).toEqual({ status: 0, output: `${join(process.cwd(), "report.html")}\n` });
    const page = read("report.html");
    const sections = Array.from(
      page.matchAll(/<h2 id="result-\d+">(\w+[ \w]*): <bdi>(.*?)<\/bdi>/g),
      ([, kind, name]) => [kind, name],
    );
    expect(sections).toEqual([
      ["Maps", "each"],
      ["Regions", "regions"],
      ["Group map", "mean"],
      ["Predictions", "all"],
      ["Agreement", "agreement"],
      ["Comparison", "zero"],
    ]);
    for (const person of ["sub-01", "sub-02", "sub-04"]) expect(page).toContain(person);
    expect(page).toContain("holds participant identifiers and brain images");
    expect(page).toContain("Simonyan, Vedaldi, Zisserman 2014");
    expect(page).toContain(
      "voxplain compare fold-0/gradients/best_balanced_accuracy/each 0 zero --no_tfce --cluster_t 1",
    );
    expect(page).toContain("Glass brain of the statistic t");
    expect(Array.from(page.matchAll(/src="data:image\/png;base64,iVBOR/g)).length).toBeGreaterThan(5);
  });

  it("says which session is most typical, by its correlation with the mean of the others", async () => {
    const rows = Array.from(
      read("report.html").matchAll(
        /<th scope="row"><bdi>(sub-\d+ ses-M\d+)<\/bdi><\/th><td class="number"><span title="([-\d.]+)"/g,
      ),
      ([, person, correlation]) => ({ person, correlation: Number(correlation) }),
    ).slice(0, 4);
    expect(rows.map(({ person }) => person).toSorted()).toEqual([
      "sub-01 ses-M00",
      "sub-01 ses-M18",
      "sub-02 ses-M00",
      "sub-04 ses-M00",
    ]);
    expect(rows.map(({ correlation }) => correlation)).toEqual(
      rows.map(({ correlation }) => correlation).toSorted((a, b) => b - a),
    );
  });

  it("numbers participants instead with --no_identifiers, also in paths and commands", async () => {
    await succeeds("report", ...all(), "--no_identifiers", "--output", "numbered.html");
    const page = read("numbered.html");
    expect(page).not.toMatch(/sub-\d/i);
    expect(page).toContain("participant-03");
    expect(page).toContain("/ses-M18/map.npy");
  });

  it("shows how well maps point at a mask, and draws an image that is chosen below all maps", async () => {
    await succeeds("localize", join(below, "each"), "--truth", "atlas.nii", "--output_dir", "truth");
    await succeeds("report", join(below, "each"), "truth", "--output", "plain.html");
    const words = ["--output", "chosen.html", "--anatomy", template];
    await succeeds("report", join(below, "each"), "truth", ...words);
    const page = read("chosen.html");
    expect(page).toContain("To number participants instead, add --no_identifiers to the command.");
    expect(page).toMatch(/<h2 id="result-3">Localization: <bdi>truth<\/bdi>/);
    expect(page).toContain("Mean and standard deviation over the sessions of each source");
    expect(page).toContain("CLEVR-XAI");
    const others = new Set(read("plain.html").match(/src="data:[^"]*"/g));
    expect((page.match(/src="data:[^"]*"/g) ?? []).some((picture) => !others.has(picture))).toBe(true);
  });

  it("says who was left out and why, and names results of the same name by their folders", async () => {
    mkdirSync("lists");
    const [header, ...rows] = read(join(partFixtures, "labels", "AD.tsv"))
      .trimEnd()
      .split("\n");
    writeFileSync("lists/AD.tsv", [header, ...rows, "sub-99\tses-M00\tAD\t70", ""].join("\n"));
    const { status } = await voxplain(
      ...["interpret", "individual", model, "each", "--use_cpu", "--output_dir", "again", "--caps_dir"],
      ...[join(partFixtures, "caps"), "--tsv_path", "lists"],
    );
    expect(status).toBe(3);
    await succeeds("report", join(below, "each"), join("again", below, "each"), "--output", "two.html");
    const page = read("two.html");
    expect(page).toContain("<bdi>each (again)</bdi>");
    expect(page).toContain("Left out: 1 session");
    expect(page).toMatch(/<bdi>sub-99 ses-M00<\/bdi><\/th><td><bdi>sub-99 ses-M00: /);
    expect(page).toContain("1 session was left out.");
  });

  it("refuses results of explain, which list no sessions", async () => {
    await succeeds(
      ...["explain", join(onnx, "volume.onnx"), join(onnx, "volume.nii.gz"), "--use_cpu"],
      ...["--output_dir", "one"],
    );
    const { status, errors } = await voxplain("report", "one", "--output", "never.html");
    expect(errors).toContain("it lists no sessions: results of explain have no report");
    expect(status).toBe(2);
  });

  it("shows 2D maps as well", async () => {
    await succeeds("interpret", "individual", phantoms, "flat", "--use_cpu", "--output_dir", ".");
    await succeeds("report", join(below, "flat"));
    const page = read(join(below, "flat", "report.html"));
    expect(page.match(/src="data:image\/jpeg;base64,/g)).toHaveLength(3);
    expect(page).toContain("The mean map of 3 sessions.");
  });

  it("is written into the job where there is one, and replaces a file only with --overwrite", async () => {
    const job = join(below, "mean");
    await succeeds("report", job);
    expect(existsSync(join(job, "report.html"))).toBe(true);
    const again = await voxplain("report", job);
    expect({ status: again.status, errors: again.errors }).toMatchObject({
      status: 1,
      errors: expect.stringContaining("--overwrite"),
    });
    await succeeds("report", job, "--overwrite");
    writeFileSync(join(below, "mine.html"), "<p>mine</p>");
    const mine = await voxplain("report", job, "--output", join(below, "mine.html"), "--overwrite");
    expect([mine.status, mine.errors]).toEqual([1, expect.stringContaining("it is not an older report")]);
    expect(read(join(below, "mine.html"))).toBe("<p>mine</p>");
  });
});

describe("what cannot be reported is named, with what to do, and nothing is written:", () => {
  const refused = async (words: readonly string[], sentence: RegExp, status = 1) => {
    const outcome = await voxplain("report", ...words, "--output", "never.html");
    expect(outcome.errors).toMatch(sentence);
    expect(outcome.status).toBe(status);
    expect(existsSync("never.html")).toBe(false);
  };
  /** Takes a file away for a while. */
  const without = async (file: string, work: () => Promise<void>) => {
    renameSync(file, `${file}.away`);
    try {
      await work();
    } finally {
      renameSync(`${file}.away`, file);
    }
  };

  it("a missing folder", () => refused(["nowhere"], /nowhere: there is no such folder/));
  it("a folder of something else", () =>
    refused([model], /patch: it is not a folder of results; give the folder/));
  it("a file", () => refused(["atlas.nii"], /atlas.nii: it is not a folder; give/, 2));

  it.each([
    [`${below}/each/provenance.json`, /provenance\.json: the file is missing; .*run its command again/],
    [`${below}/each/data.tsv`, /data\.tsv: the file is missing; .*run its command again/],
    [`${below}/each/sub-02/ses-M00/recomposed.nii.gz`, /^(?!.*unexpected)/],
    [`${below}/mean/recomposed.nii.gz`, /^(?!.*unexpected)/],
    ["zero/clusters.tsv", /clusters\.tsv: the file is missing; .*run its command again/],
    ["zero/t.nii.gz", /t\.nii\.gz: .*; .*run its command again/],
    [
      "agreement/agreement_summary.tsv",
      /agreement_summary\.tsv: the file is missing; .*run its command again/,
    ],
  ])("half a result: without %s", (file, sentence) =>
    without(file, async () => {
      const { errors, status } = await voxplain("report", ...all(), "--output", "never.html");
      expect(errors).toMatch(sentence);
      // Maps have another form to fall back on.
      expect(status).toBe(file.endsWith("recomposed.nii.gz") ? 0 : 1);
      rmSync("never.html", { force: true });
    }),
  );

  it("a damaged record", async () => {
    const file = join("zero", "compare.json");
    const text = read(file);
    writeFileSync(file, text.slice(0, 50));
    await refused(["zero"], /compare\.json: it is not JSON; .*run its command again/);
    writeFileSync(file, text);
  });

  it("an output that is not an HTML file", async () => {
    const { status, errors } = await voxplain(
      "report",
      "zero",
      "--output",
      "zero/clusters.tsv",
      "--overwrite",
    );
    expect({ status, errors }).toMatchObject({ status: 2, errors: expect.stringContaining("ends in .html") });
  });
});
