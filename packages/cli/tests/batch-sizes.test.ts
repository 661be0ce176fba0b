// For a network whose images would change each other in one batch, results do not depend on the size of the batch.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tensor } from "@voxplain/core";
import { encodeModel, graphBuilder, modelOf as modelOfGraph } from "@voxplain/onnx-graph";
import { expect, it } from "vitest";
import { interpretParts, modelOf, partFixtures, resultIn, table, temporaryFolder } from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

const folder = temporaryFolder();

/** Patches of 5×5×5, each minus the mean of its batch before they are weighted. */
async function mixingModel(): Promise<string> {
  const graph = graphBuilder("mixing");
  const x = graph.input("x", "float32", ["n", 1, 5, 5, 5]);
  const centred = graph.add("Sub", [x, graph.add("ReduceMean", [x], { axes: [0, 2, 3, 4] })]);
  const weights = Float32Array.from({ length: 250 }, (_, k) => Math.cos(7.13 * (k + 1)));
  const squared = graph.add("Mul", [centred, centred]);
  const flat = graph.add("Flatten", [squared]);
  graph.add("MatMul", [flat, graph.constant(tensor("float32", [125, 2], weights))], {}, { outputs: ["y"] });
  graph.output("y", "float32", ["n", 2]);
  const { proto } = await encodeModel(modelOfGraph(graph.build()), { externalData: "inline" });
  const model = join(folder.path, "models", "mixing");
  cpSync(modelOf("patch"), model, { recursive: true });
  for (const shared of ["caps", "labels"]) {
    cpSync(join(partFixtures, shared), join(folder.path, shared), { recursive: true });
  }
  const selection = join(model, "fold-0", "models", "best_balanced_accuracy");
  rmSync(selection, { recursive: true });
  mkdirSync(selection, { recursive: true });
  writeFileSync(join(selection, "model_best.onnx"), proto);
  return model;
}

const filesIn = (path: string, end: string) =>
  readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(end))
    .sort();

it("voxplain predict writes the same tables for every --batch_size", async () => {
  const model = await mixingModel();
  const results: Record<string, string>[] = [];
  for (const size of ["1", "2", "7"]) {
    const options = ["--batch_size", size, "--name", `of-${size}`, "--use_cpu", "--output_dir", folder.path];
    const { status, errors } = await voxplain("predict", model, ...options);
    expect(errors).not.toContain("voxplain:");
    expect(status).toBe(0);
    const result = resultIn(folder.path, `of-${size}`, "predictions");
    const tables = filesIn(result, ".tsv").map((file) => [file, readFileSync(join(result, file), "utf8")]);
    results.push(Object.fromEntries(tables));
    const logits = table(join(result, "patch_predictions.tsv")).map((row) => row.logit1);
    expect(new Set(logits).size).toBeGreaterThan(3);
  }
  expect(Object.keys(results[0] ?? {}).length).toBeGreaterThan(2);
  for (const other of results.slice(1)) expect(other).toEqual(results[0]);
});

it("voxplain interpret has the same maps and predictions for every --batch_size and --chunk_size", async () => {
  const model = await mixingModel();
  const results: { maps: string[]; predictions: string }[] = [];
  for (const [batch, chunk] of [
    ["1", "1"],
    ["2", "3"],
    ["7", "7"],
  ]) {
    const options = ["--method", "occlusion", "--method_options", "window=2", "--chunk_size", chunk!];
    const name = `of-${batch}`;
    await interpretParts(folder.path, "group", model, name, ...options, "--batch_size", batch!);
    const found = join(
      folder.path,
      filesIn(folder.path, "predictions.tsv").find((file) => file.includes(name))!,
      "..",
    );
    results.push({
      maps: filesIn(found, ".npy").map((file) => readFileSync(join(found, file), "hex")),
      predictions: readFileSync(join(found, "predictions.tsv"), "utf8"),
    });
  }
  expect(results[0]?.maps.length).toBeGreaterThan(0);
  for (const other of results.slice(1)) expect(other).toEqual(results[0]);
});
