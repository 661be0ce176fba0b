import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNifti } from "@voxplain/caps-io";
import { decodeNpy, isVoxplainError } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { voxplain } from "../../../../packages/cli/tests/run-voxplain.ts";
import { casesOf } from "../../../../tests/long-tests.ts";
import type { Explanation, ExplorerEngine } from "../../src/engine/engine.ts";
import { nodeEngine, partsPath, relativeError } from "../engine/open-sample.ts";

const request = { method: "gradients", options: {}, target: 1 };
const tolerance = 1e-4;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-cohorts-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `voxplain interpret` on the patients of the small CAPS; gives the folder of the result, or the sentence. */
async function interpret(level: "group" | "individual", model: string, ...options: readonly string[]) {
  const out = join(folder, String(Math.random()).slice(2));
  const { status, errors } = await voxplain(
    ...["interpret", level, model, "task", "--use_cpu", "--threads", "1", "--output_dir", out, ...options],
    ...["--pictures", "none", "--caps_dir", join(partsPath, "caps"), "--tsv_path", join(partsPath, "labels")],
  );
  if (status !== 0) return { sentence: /^voxplain: (.*)$/m.exec(errors)?.[1] ?? errors };
  return { result: join(out, "fold-0/gradients/best_balanced_accuracy/task") };
}

async function patients(model: string) {
  const engine = nodeEngine();
  for (const path of [model, join(partsPath, "caps"), join(partsPath, "labels")]) {
    await engine.open(directory(path));
  }
  return { engine, images: engine.images.filter(({ trueClass }) => trueClass === "AD") };
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
  if (affine === undefined) return;
  for (const [k, value] of affine.flat().entries()) expect(volume.affine.flat()[k]).toBeCloseTo(value, 4);
}

const models = [
  ...["patch", "patch-unnormalized", "patch-multicnn"],
  ...["roi", "roi-uncropped", "slice", "slice-axial", "slice-multicnn"],
];

const short = ["patch", "slice-multicnn"];

describe.each(casesOf(models, (name) => short.includes(name)))(
  "the command and the page on a model folder: %s",
  (name) => {
    const model = join(partsPath, "models", name);
    const variants: readonly (readonly [string, readonly string[], object])[] = [
      ["with the weights of the validation set", [], {}],
      ["with votes that count the same", ["--voting", "uniform"], { voting: "uniform" }],
    ];
    it.each(variants)("give one map and one vote for each session, %s", async (_, options, ofPage) => {
      const { result = "" } = await interpret("individual", model, ...options);
      const rows = rowsOf(result);
      const { engine, images } = await patients(model);
      expect(images.length).toBeGreaterThan(1);
      for (const image of images) {
        const explanation = await engine.explain(image, { ...request, ...ofPage });
        const row = rows.get(image.name);
        const { probabilities, predictedClass } = explanation.prediction;
        expect(String(predictedClass)).toBe(row?.predicted_label);
        for (const [k, probability] of probabilities.entries()) {
          expect(Math.abs(probability - Number(row?.[`proba${k}`]))).toBeLessThan(tolerance);
        }
        await expectSame(join(result, image.name.replace(" ", "/"), "recomposed"), explanation);
      }
      await expectTable(engine, result);
      await engine.release();
    });

    it("give one mean map", async () => {
      const { result = "" } = await interpret("group", model);
      const { engine, images } = await patients(model);
      const mean = await engine.mean(images, request);
      for (const image of images) await mean.add(image);
      await expectSame(join(result, "recomposed"), mean.mean());
      await engine.release();
    });
  },
);

/** The table that is downloaded is the command's. */
async function expectTable(engine: ExplorerEngine, result: string): Promise<void> {
  const table = new TextDecoder().decode(await engine.encodePredictions(engine.images));
  const command = readFileSync(join(result, "predictions.tsv"), "utf8");
  expect(table.split("\n")[0]).toBe(command.split("\n")[0]);
  const firstOf = (text: string) =>
    text
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split("\t").slice(0, 4).join(" "))
      .sort();
  expect(firstOf(table)).toEqual(firstOf(command));
}

it("the command and the page stop and ask, in one sentence, where there are no validation tables", async () => {
  const model = join(folder, "patch");
  cpSync(join(partsPath, "models/patch"), model, {
    recursive: true,
    filter: (path) => !path.endsWith("validation_patch_level_prediction.tsv"),
  });
  const { sentence } = await interpret("individual", model);
  expect(sentence).toMatch(/validation_patch_level_prediction\.tsv.*--voting uniform/);
  const { engine, images } = await patients(model);
  const error = await engine.explain(images[0]!, request).catch((reason: unknown) => reason);
  expect(isVoxplainError(error) && error.message).toBe(sentence);
  await engine.release();
});

it.each([
  ["whose checkpoint is cut off", "model_best.pth.tar", (bytes: Uint8Array) => bytes.subarray(0, 5000)],
  ["that holds something else", "model_best.pth.tar", () => new TextEncoder().encode("no network")],
  ["of an autoencoder", "commandline.json", asAutoencoder],
] as const)("the command and the page refuse a model folder %s in one sentence", async (_, name, change) => {
  const model = mkdtempSync(join(folder, "broken-"));
  cpSync(join(partsPath, "models/patch"), model, { recursive: true });
  for (const path of readdirSync(model, { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(name)) continue;
    const file = join(model, path);
    writeFileSync(file, change(readFileSync(file)));
  }
  const { sentence } = await interpret("group", model, "--voting", "uniform");
  expect(sentence).toContain(model);
  const error = await nodeEngine()
    .open(directory(model))
    .catch((reason: unknown) => reason);
  expect(isVoxplainError(error) && error.message).toBe(sentence);
});

function asAutoencoder(commandline: Uint8Array): string {
  return JSON.stringify({
    ...JSON.parse(new TextDecoder().decode(commandline)),
    network_type: "autoencoder",
  });
}
