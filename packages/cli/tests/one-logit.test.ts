import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeModel, graphBuilder, modelOf, type OperatorName } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { interpretParts, npy, partFixtures, resultIn, table, temporaryFolder } from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

const folder = temporaryFolder();
const selection = "fold-0/models/best_balanced_accuracy";

/**
 * A model folder whose network sees patches and has the logit x = 40 · (mean of max(v − 0.3, 0) − 0.245) of their
 * voxels v. "sigmoid": it gives sigmoid(x) alone; "softmax": the two logits −x/2 and x/2, of the same probabilities.
 */
async function modelFolder(name: "sigmoid" | "softmax"): Promise<string> {
  const graph = graphBuilder(name);
  const input = graph.input("x", "float32", ["batch", 1, 5, 5, 5]);
  const add = (operator: OperatorName, value: string, constant: number) =>
    graph.add(operator, [value, graph.scalar(constant)]);
  const features = graph.add("Relu", [add("Sub", input, 0.3)]);
  const mean = graph.add("Flatten", [graph.add("GlobalAveragePool", [features])]);
  const logit = add("Mul", add("Sub", mean, 0.245), 40);
  const pair = () => graph.add("Concat", [add("Mul", logit, -0.5), add("Mul", logit, 0.5)], { axis: 1 });
  const output = name === "sigmoid" ? graph.add("Sigmoid", [logit]) : pair();
  graph.output(output, "float32", ["batch", name === "sigmoid" ? 1 : 2]);
  const path = join(folder.path, "models", name);
  cpSync(partFixtures, folder.path, { recursive: true });
  cpSync(join(partFixtures, "models/patch"), path, { recursive: true });
  rmSync(join(path, selection, "model_best.pth.tar"));
  writeFileSync(join(path, selection, "model_best.onnx"), (await encodeModel(modelOf(graph.build()))).proto);
  return path;
}

describe("a model folder whose network has one logit", () => {
  it("is predicted, voted on and judged as two classes", async () => {
    const results: string[] = [];
    for (const name of ["sigmoid", "softmax"] as const) {
      const out = join(folder.path, name);
      const { status, errors } = await voxplain(
        ...["predict", await modelFolder(name), "--use_cpu", "--threads", "1", "--output_dir", out],
      );
      expect(errors).not.toContain("voxplain:");
      expect(status).toBe(0);
      results.push(resultIn(out, "all", "predictions"));
    }
    const [found, wanted] = results.map((result) => ({
      images: table(join(result, "predictions.tsv")),
      parts: table(join(result, "patch_predictions.tsv")),
      metrics: table(join(result, "metrics.tsv")),
    }));
    for (const level of ["images", "parts"] as const) {
      expect(found![level].length).toBeGreaterThan(0);
      for (const [k, row] of found![level].entries()) {
        const other = wanted![level][k]!;
        expect(row.predicted_label).toBe(other.predicted_label);
        for (const column of ["proba0", "proba1"]) {
          expect(Number(row[column])).toBeCloseTo(Number(other[column]), 6);
        }
      }
    }
    // Both classes occur, or nothing was compared.
    expect(new Set(found!.parts.map((row) => row.predicted_label))).toEqual(new Set(["0", "1"]));
    expect(found!.metrics).toEqual(wanted!.metrics);
    // The network has one logit, which is that of class 1.
    const { logit0, logit1, proba1 } = found!.parts[0]!;
    expect(logit1).toBeUndefined();
    expect(1 / (1 + Math.exp(-Number(logit0)))).toBeCloseTo(Number(proba1), 6);
  });

  it.each(["group", "individual"] as const)("has a map of either class at the %s level", async (level) => {
    const model = await modelFolder("sigmoid");
    const maps = [];
    for (const diagnosis of ["CN", "AD"]) {
      const argv = ["--diagnosis", "AD", "--target_diagnosis", diagnosis];
      const result = await interpretParts(join(folder.path, "out"), level, model, diagnosis, ...argv);
      maps.push(npy(join(result, level === "group" ? "recomposed.npy" : "sub-02/ses-M00/recomposed.npy")));
    }
    const [zero, one] = maps;
    expect(Math.max(...one!.values)).toBeGreaterThan(0);
    for (const [k, value] of one!.values.entries()) expect(zero!.values[k]).toBeCloseTo(-value, 6);
  });

  it("keeps the sessions that are predicted rightly", async () => {
    const model = await modelFolder("sigmoid");
    const result = await interpretParts(
      ...([
        join(folder.path, "out"),
        "individual",
        model,
        "right",
        "--target_diagnosis",
        "AD",
        "--keep_true",
        "true",
      ] as const),
    );
    const predictions = table(join(result, "predictions.tsv"));
    const kept = predictions.filter((row) => row.true_label === row.predicted_label);
    expect(table(join(result, "data.tsv"))).toHaveLength(kept.length);
  });
});
