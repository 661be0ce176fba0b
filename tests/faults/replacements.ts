// Commands that replace an older result, for tests of what is left when they are stopped at any moment.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect } from "vitest";
import { type FaultyDisk, faultyDisk, filesIn } from "./disk-faults.ts";

const fixtures = fileURLToPath(new URL("../../packages/cli/tests/fixtures", import.meta.url));
const parts = join(fixtures, "parts");
const patch = join(parts, "models/patch");
const data = ["--caps_dir", join(parts, "caps"), "--tsv_path", join(parts, "labels")];
const fast = ["--use_cpu", "--threads", "1"];
const below = "fold-0/gradients/best_balanced_accuracy";
const image =
  "caps/subjects/sub-02/ses-M00/t1_linear/sub-02_ses-M00_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.nii.gz";

type Argv = readonly string[];

/** A command that replaces an older result in the folder `out`. */
export interface Replacement {
  readonly name: string;
  /** Below `out`. */
  readonly result: string;
  /** Files of the result that say when they were made. */
  readonly dated: readonly string[];
  /** Commands that make what it reads, and the older result. */
  readonly before: (folder: string) => readonly Argv[];
  readonly command: (folder: string) => Argv;
}

const interpret = (folder: string, level: string, diagnosis: string): Argv => [
  ...["interpret", level, patch, "x", ...fast, "--output_dir", join(folder, "out"), ...data],
  ...["--diagnosis", diagnosis],
];
const predict = (folder: string, diagnosis: string): Argv => [
  ...["predict", patch, ...fast, ...data, "--name", "x", "--diagnoses", diagnosis],
  ...["--output_dir", join(folder, "out")],
];
const explain = (folder: string, method: string): Argv => [
  ...["explain", join(fixtures, "onnx/volume.onnx"), join(fixtures, "onnx/volume.nii.gz"), ...fast],
  ...["--method", method, "--output_dir", join(folder, "out/x")],
];
const maps = (folder: string): Argv => [
  ...["interpret", "individual", patch, "maps", ...fast, "--output_dir", join(folder, "in"), ...data],
  ...["--nifti_template_path", join(parts, image)],
];
const mapsIn = (folder: string) => join(folder, "in", below, "maps");
const regions = (folder: string, values: string): Argv => [
  ...[
    "regions",
    mapsIn(folder),
    "--atlas",
    join(mapsIn(folder), "sub-02/ses-M00/coverage.nii.gz"),
    "--values",
    values,
  ],
  ...["--output_dir", join(folder, "out/x")],
];
const compare = (folder: string, threshold: string): Argv => [
  ...["compare", mapsIn(folder), "0", "x", "--no_tfce", "--cluster_t", threshold],
  ...["--output_dir", join(folder, "out")],
];
const report = (folder: string, title: string): Argv => [
  ...["report", mapsIn(folder), "--title", title, "--output", join(folder, "out/x.html")],
];
const agreement = (folder: string, top: string): Argv => [
  ...["agreement", mapsIn(folder), mapsIn(folder), "--top", top, "--output_dir", join(folder, "out/x")],
];
const localize = (folder: string, values: string): Argv => [
  ...["localize", mapsIn(folder), "--truth", join(mapsIn(folder), "sub-02/ses-M00/coverage.nii.gz")],
  ...["--values", values, "--output_dir", join(folder, "out/x")],
];
const differentiate = (folder: string, network: string): Argv => [
  ...["differentiate", join(fixtures, "onnx", network), "-o", join(folder, "out/x.onnx")],
];

const ofLevel = (level: string): Replacement => ({
  ...{ name: `interpret ${level}`, result: `${below}/x`, dated: ["provenance.json"] },
  before: (folder) => [interpret(folder, level, "CN")],
  command: (folder) => [...interpret(folder, level, "AD"), "--overwrite"],
});

/** All commands that write a result. */
export const replacements: readonly Replacement[] = [
  ofLevel("individual"),
  ofLevel("group"),
  {
    ...{ name: "merge", result: `${below}/x`, dated: ["provenance.json"] },
    before: (folder) => [
      interpret(folder, "individual", "CN"),
      [...interpret(folder, "individual", "AD"), "--overwrite", "--shard", "1/1"],
    ],
    command: (folder) => ["merge", patch, "x", "--output_dir", join(folder, "out"), "--overwrite"],
  },
  {
    ...{ name: "predict", dated: ["provenance.json"] },
    result: "fold-0/predictions/best_balanced_accuracy/x",
    before: (folder) => [predict(folder, "CN")],
    command: (folder) => [...predict(folder, "AD"), "--overwrite"],
  },
  {
    ...{ name: "explain", result: "x", dated: ["provenance.json"] },
    before: (folder) => [explain(folder, "gradients")],
    command: (folder) => [...explain(folder, "input-x-gradient"), "--overwrite"],
  },
  {
    ...{ name: "regions", result: "x", dated: ["regions.json"] },
    before: (folder) => [maps(folder), regions(folder, "signed")],
    command: (folder) => [...regions(folder, "absolute"), "--overwrite"],
  },
  {
    ...{ name: "compare", result: "x", dated: ["compare.json"] },
    before: (folder) => [maps(folder), compare(folder, "1")],
    command: (folder) => [...compare(folder, "2"), "--overwrite"],
  },
  {
    ...{ name: "agreement", result: "x", dated: ["agreement.json"] },
    before: (folder) => [maps(folder), agreement(folder, "1")],
    command: (folder) => [...agreement(folder, "5"), "--overwrite"],
  },
  {
    ...{ name: "localize", result: "x", dated: ["localize.json"] },
    before: (folder) => [maps(folder), localize(folder, "signed")],
    command: (folder) => [...localize(folder, "absolute"), "--overwrite"],
  },
  {
    ...{ name: "report", result: "x.html", dated: ["x.html"] },
    before: (folder) => [maps(folder), report(folder, "older")],
    command: (folder) => [...report(folder, "newer"), "--overwrite"],
  },
  {
    ...{ name: "differentiate", result: "x.onnx", dated: [] },
    before: (folder) => [differentiate(folder, "pixels.onnx")],
    command: (folder) => [...differentiate(folder, "volume.onnx"), "--overwrite"],
  },
];

/** The one of a name. */
export function replacementOf(name: string): Replacement {
  const found = replacements.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`no command is called ${name}`);
  return found;
}

/** A replacement that can be repeated from the same beginning. */
export interface Rehearsal {
  readonly argv: Argv;
  /** Puts everything as it was before the command. */
  reset(): void;
  /** "older" or "newer": the result that has the name in the folder of results, whole; otherwise what is there. */
  found(results?: string): string;
  /** What is in the folder of results beside the result, without what is by chance in its names. */
  leftovers(): readonly string[];
  /** The disk calls of a run that nothing disturbs. */
  readonly calls: readonly string[];
}

/** A replacement on a disk whose calls can be refused. */
export interface Rehearsed {
  readonly disk: FaultyDisk;
  readonly rehearsal: Rehearsal;
}

/** Rehearses a replacement before the tests of a group, and removes its disk after them. */
export function rehearsed(replacement: Replacement): () => Rehearsed {
  let disk: FaultyDisk | undefined;
  let rehearsal: Rehearsal | undefined;
  beforeAll(() => {
    disk = faultyDisk();
    rehearsal = rehearse(disk, replacement);
  });
  afterAll(() => disk?.remove());
  return () => {
    if (disk === undefined || rehearsal === undefined) throw new RangeError("it was not rehearsed");
    return { disk, rehearsal };
  };
}

/** Makes the older result and the newer one once. */
function rehearse(disk: FaultyDisk, replacement: Replacement): Rehearsal {
  const { folder } = disk;
  const out = join(folder, "out");
  const aside = join(folder, "aside");
  for (const one of [out, `${out}.gone`, aside, join(folder, "in")])
    rmSync(one, { recursive: true, force: true });
  mkdirSync(out);
  for (const argv of replacement.before(folder)) {
    const { status, errors } = disk.run(argv);
    expect(status, errors).toBe(0);
  }
  cpSync(out, aside, { recursive: true });
  const look = (results = out) => contentOf(join(results, replacement.result), replacement.dated);
  const older = look();
  const argv = replacement.command(folder);
  const { status, errors, calls } = disk.run(argv);
  expect(status, errors).toBe(0);
  const newer = look();
  expect(newer).not.toBe(older);
  return {
    ...{ argv, calls },
    reset() {
      rmSync(`${out}.gone`, { recursive: true, force: true });
      // A disk may be mounted there: what is in it goes, and not the folder itself.
      mkdirSync(out, { recursive: true });
      for (const name of readdirSync(out)) rmSync(join(out, name), { recursive: true, force: true });
      cpSync(aside, out, { recursive: true });
    },
    found(results) {
      const now = look(results);
      return now === older ? "older" : now === newer ? "newer" : now;
    },
    leftovers: () =>
      readdirSync(out, { recursive: true, encoding: "utf8" })
        .filter((name) => !`${name}/`.startsWith(`${replacement.result}/`))
        .filter((name) => !replacement.result.startsWith(`${name}/`))
        .map((name) => name.replaceAll(/[0-9a-f]{8}(\.\d+\.\d+)?/g, "?"))
        .sort(),
  };
}

/** What is in a result, but for the time of its making. */
function contentOf(path: string, dated: readonly string[]): string {
  if (!existsSync(path)) return "nothing";
  const isFolder = statSync(path).isDirectory();
  const files = isFolder ? filesIn(path, dated) : dated.length === 0 ? readFileSync(path, "hex") : undefined;
  const records = dated.map((name) => withoutDates(isFolder ? join(path, name) : path));
  return JSON.stringify({ files, records });
}

/** A record that is cut off is not as long. */
function withoutDates(file: string): string {
  if (!existsSync(file)) return "missing";
  const text = readFileSync(file, "utf8");
  if (!file.endsWith(".json")) return text.replaceAll(/\d{4}-\d\d-\d\d[T ,]*\d\d:\d\d(:\d\d(\.\d+)?)?/g, "");
  return Object.keys(JSON.parse(text) as object).join(" ");
}

/**
 * Moments among disk calls, from 1: all of the 30 around the one with which the newer result gets its name, and others from the first to
 * the last in even steps.
 */
export function momentsOf(calls: readonly string[], count: number): readonly number[] {
  const publishing = calls.findLastIndex((call) =>
    /^rename .*(publishing|removed-|\.(html|onnx)$)/.test(call),
  );
  const step = Math.max(1, calls.length / count);
  const even = Array.from({ length: Math.min(count, calls.length) }, (_, k) => Math.floor(k * step) + 1);
  const near = Array.from({ length: 30 }, (_, k) => publishing - 14 + k);
  return [...new Set([...even, ...near, calls.length])]
    .filter((at) => at >= 1 && at <= calls.length)
    .sort((a, b) => a - b);
}
