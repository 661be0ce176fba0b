import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { modelOf, partFixtures, resultIn, table, temporaryFolder } from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

const folder = temporaryFolder();
/** Its checkpoint has the weights below "model", and below "model_ema" weights whose logits are twice as large. */
const averages = fileURLToPath(new URL("fixtures/averages/model_best.pth.tar", import.meta.url));

/** A model whose checkpoint has averages of its weights, beside its cohort. */
function averaged(): string {
  const model = join(folder.path, "models/averaged");
  cpSync(modelOf("patch"), model, { recursive: true });
  for (const shared of ["caps", "labels"]) {
    cpSync(join(partFixtures, shared), join(folder.path, shared), { recursive: true });
  }
  cpSync(averages, join(model, "fold-0/models/best_balanced_accuracy/model_best.pth.tar"));
  return model;
}

async function predicted(model: string, name: string, ...options: string[]) {
  const { status, errors } = await voxplain(
    ...["predict", model, "--use_cpu", "--output_dir", folder.path, "--name", name, ...options],
  );
  expect(errors).not.toContain("voxplain:");
  expect(status).toBe(0);
  const result = resultIn(folder.path, name, "predictions");
  const rows = table(join(result, "patch_predictions.tsv"));
  const json = (file: string) => JSON.parse(readFileSync(join(result, file), "utf8"));
  const { model: record } = json("provenance.json");
  return {
    logits: rows.map(({ logit0, logit1 }) => [Number(logit0), Number(logit1)]),
    record,
    options: json("commandline.json"),
  };
}

it("weights and their averages in one checkpoint are refused, with the keys of both", async () => {
  const { status, errors } = await voxplain("predict", averaged(), "--use_cpu", "--output_dir", folder.path);
  expect(status).toBe(1);
  expect(errors).toContain(
    "the checkpoint holds 2 state dicts that fit the network and differ: model, model_ema; choose one of them by its key " +
      "(--weights_key model_ema)",
  );
});

it("--weights_key chooses one of them, and provenance.json says which", async () => {
  const model = averaged();
  const plain = await predicted(modelOf("patch"), "plain");
  const weights = await predicted(model, "weights", "--weights_key", "model");
  const ema = await predicted(model, "ema", "--weights_key", "model_ema");
  expect(weights.logits).toEqual(plain.logits);
  expect(ema.logits).toEqual(plain.logits.map((of) => of.map((value) => 2 * value)));
  expect([plain, weights, ema].map(({ record }) => record.weights_key)).toEqual([
    "model",
    "model",
    "model_ema",
  ]);
  expect(ema.options.weights_key).toBe("model_ema");
});

it("inspect says what would be used, and what is below a key", async () => {
  const model = averaged();
  const { output } = await voxplain("inspect", model);
  expect(output).toContain("problem: ");
  expect(output).toContain("and differ: model, model_ema");
  const chosen = await voxplain("inspect", model, "--weights_key", "model_ema");
  expect(chosen.output).toContain('weights below "model_ema"');
});

it("an ONNX file has no keys to choose from", async () => {
  const onnx = join(folder.path, "network.onnx");
  cpSync(fileURLToPath(new URL("fixtures/onnx/volume.onnx", import.meta.url)), onnx);
  const images = join(folder.path, "images.tsv");
  writeFileSync(images, "participant_id\timage\nsub-1\tvolume.npy\n");
  const argv = ["predict", onnx, "--use_cpu", "--images", images, "--weights_key", "model"];
  expect((await voxplain(...argv)).errors).toContain("only a checkpoint has state dicts to choose from");
  expect((await voxplain("inspect", onnx, "--weights_key", "model")).status).toBe(2);
});
