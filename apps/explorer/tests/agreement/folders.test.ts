// A MAPS folder with a CAPS, a table and a BIDS folder: the command and the page on the same files.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNifti } from "@voxplain/caps-io";
import { decodeNpy, isVoxplainError } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { voxplain } from "../../../../packages/cli/tests/run-voxplain.ts";
import type { Explanation } from "../../src/engine/engine.ts";
import { jobCommand } from "../../src/page/job-command.ts";
import { nodeEngine, relativeError } from "../engine/open-sample.ts";
import { writeToyCohorts } from "./toy-cohorts.ts";

/** The command computes with ONNX Runtime's kernels for this processor, as the page's engine does in these tests. */
const tolerance = 1e-4;
const ad = { method: "gradients", options: {}, target: 0 };
let folder: string;
const at = (...names: readonly string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-folders-"));
  await writeToyCohorts(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `voxplain interpret`; gives the folder of the result, or the sentence. */
async function interpret(level: "group" | "individual", model: string, ...options: readonly string[]) {
  const out = mkdtempSync(at("out-"));
  const { status, errors } = await voxplain(
    ...[
      "interpret",
      level,
      at(model),
      "task",
      "--use_cpu",
      "--threads",
      "1",
      "--output_dir",
      out,
      ...options,
    ],
    ...["--pictures", "none"],
  );
  if (status !== 0 && status !== 3)
    return { sentence: /^voxplain: ([\s\S]*?)\n?$/m.exec(errors)?.[1] ?? errors };
  return { result: join(out, "split-0/gradients/best_loss/task") };
}

async function opened(...names: readonly string[]) {
  const engine = nodeEngine();
  const problems: string[] = [];
  for (const name of names) problems.push(...(await engine.open(directory(at(name)))).problems);
  return { engine, problems };
}

/** Runs the command that the page shows for a map, as it is; gives the folder of the result. */
async function runCommand(explanation: Explanation, { model }: ReturnType<typeof nodeEngine>) {
  const out = mkdtempSync(at("repeated-"));
  if (model === undefined) throw new Error("there is a model");
  const command = jobCommand(explanation, { model, kernels: true, name: "again" });
  if (typeof command === "string") throw new Error(command);
  const before = process.cwd();
  process.chdir(out);
  try {
    execFileSync("sh", ["-c", command.preparation ?? ""]);
    const { status, errors } = await voxplain(...command.words.slice(1));
    expect(status, errors).toBe(0);
  } finally {
    process.chdir(before);
  }
  return join(out, "split-0/gradients/best_loss/again");
}

function rowsOf(result: string): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const [header = "", ...lines] = readFileSync(join(result, "predictions.tsv"), "utf8").trimEnd().split("\n");
  const columns = header.split("\t");
  const rows = lines.map((line) => {
    const cells = line.split("\t");
    return Object.fromEntries(columns.map((column, k) => [column, cells[k] ?? ""]));
  });
  return new Map(rows.map((row) => [`${row.participant_id} ${row.session_id}`, row]));
}

async function expectSame(map: string, { stored, map: volume, isPlaced }: Explanation): Promise<void> {
  const reference = decodeNpy(Uint8Array.from(readFileSync(`${map}.npy`)), map);
  expect(stored.data.length).toBe(reference.data.length);
  expect(relativeError(stored.data, reference.data as Float32Array)).toBeLessThan(tolerance);
  const { affine } = await readNifti(readFileSync(`${map}.nii.gz`), map);
  expect(isPlaced).toBe(affine !== undefined);
  if (affine !== undefined) expect(volume.affine).toEqual(affine);
}

const inCaps = () => ["--caps_dir", at("caps"), "--tsv_path", at("labels")];
const cohorts: readonly (readonly [string, readonly string[], () => readonly string[]])[] = [
  ["a CAPS and its lists", ["caps", "labels"], inCaps],
  ["a table", ["table"], () => ["--images", at("table/scans.csv"), "--on_error", "skip"]],
  ["a BIDS folder", ["bids"], () => ["--images", at("bids")]],
];

describe.each(cohorts)("the command and the page on a MAPS folder and %s", (_, names, options) => {
  it("explain the same sessions of AD, with one map, one class and one affine each", async () => {
    const { result = "" } = await interpret("individual", "maps", ...options());
    const rows = rowsOf(result);
    const { engine } = await opened("maps", ...names);
    const images = engine.images.filter(({ trueClass }) => trueClass === "AD");
    expect(images.map(({ name }) => name).sort()).toEqual([...rows.keys()].sort());
    expect(images).toHaveLength(2);
    for (const image of images) {
      const explanation = await engine.explain(image, ad);
      const row = rows.get(image.name);
      expect(String(explanation.prediction.predictedClass)).toBe(row?.predicted_label);
      expect(String(image.trueNode)).toBe(row?.true_label);
      for (const [k, probability] of explanation.prediction.probabilities.entries()) {
        expect(Math.abs(probability - Number(row?.[`proba${k}`]))).toBeLessThan(tolerance);
      }
      await expectSame(join(result, image.name.replace(" ", "/"), "map"), explanation);
    }
    const [image] = images;
    if (image === undefined) throw new Error("there is an image");
    const explanation = await engine.explain(image, ad);
    const repeated = await runCommand(explanation, engine);
    await expectSame(join(repeated, image.name.replace(" ", "/"), "map"), explanation);
    await engine.release();
  });

  it("give one mean map of the number that a regression predicts", async () => {
    const rowsOfAd = [...(names.includes("caps") ? [] : ["--label", "diagnosis"]), "--diagnosis", "AD"];
    const { result = "" } = await interpret("group", "maps-age", ...options(), ...rowsOfAd);
    const { engine } = await opened("maps-age", ...names);
    await engine.choose({ label: "diagnosis" });
    const images = engine.images.filter(({ trueClass }) => trueClass === "AD");
    const mean = await engine.mean(images, ad);
    for (const image of images) {
      const { logits } = await mean.add(image);
      expect(
        Math.abs((logits?.[0] ?? 0) - Number(rowsOf(result).get(image.name)?.predicted_label)),
      ).toBeLessThan(tolerance);
    }
    await expectSame(join(result, "map"), mean.mean());
    await expectSame(join(await runCommand(mean.mean(), engine), "map"), mean.mean());
    await engine.release();
  });
});

describe("the command and the page say in one sentence", () => {
  it("that a session of a table has no image", async () => {
    const { sentence } = await interpret(
      "group",
      "maps",
      "--images",
      at("table/scans.csv"),
      "--target_label",
      "AD",
      "--on_error",
      "stop",
    );
    const { problems } = await opened("maps", "table");
    expect(sentence).toMatch(/^sub-05 ses-M00: .*sub-05\.nii\.gz: there is no such file$/);
    expect(problems).toEqual([sentence]);
  });

  it("which images of a BIDS folder there are, where a filter finds none", async () => {
    const filter = ["suffix=T2w"];
    const options = ["--images", at("bids"), "--bids_filter", ...filter, "--target_label", "AD"];
    const { sentence } = await interpret("group", "maps", ...options);
    const { engine } = await opened("maps", "bids");
    const { problems } = await engine.choose({ bidsFilter: filter });
    expect(sentence).toMatch(/there is no image with suffix=T2w/);
    expect(problems).toEqual([sentence]);
  });

  it("that a network of reconstruction is not explained", async () => {
    const { sentence } = await interpret("group", "maps-images", ...inCaps());
    const error = await opened("maps-images").catch((reason: unknown) => reason);
    expect(isVoxplainError(error) && error.message).toBe(sentence);
    expect(sentence).toMatch(/trained for reconstruction/);
  });
});
