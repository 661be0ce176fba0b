import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readNifti } from "@voxplain/caps-io";
import { elementCount, identityAffine, tensor } from "@voxplain/core";
import { gzipInPool } from "@voxplain/core/node";
import { encodeModel, graphBuilder, modelOf as onnxModel } from "@voxplain/onnx-graph";
import { encodeNiftiGz } from "@voxplain/writers";
import { beforeEach, describe, expect, it } from "vitest";
import { casesOf } from "../../../tests/long-tests.ts";
import {
  interpretModel,
  modelOf,
  npy,
  partFixtures,
  resultIn,
  table,
  temporaryFolder,
} from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

const folder = temporaryFolder();
let out = "";

/**
 * The logarithm of the mean of an input, or a part, whose voxels are all 0 is −∞; the square root is 0 and its
 * gradient infinite.
 */
async function ofMean(operator: "Log" | "Sqrt"): Promise<Uint8Array> {
  const graph = graphBuilder("of the mean");
  const x = graph.input("x", "float32", ["batch", 1, "depth", "height", "width"]);
  const mean = graph.add("Flatten", [graph.add("GlobalAveragePool", [x])]);
  const value = graph.add(operator, [mean], {}, { outputs: ["logarithm"] });
  const weights = graph.initializer("weights", tensor("float32", [1, 2], Float32Array.of(1, -2)));
  const bias = graph.initializer("bias", tensor("float32", [2], Float32Array.of(1, 2)));
  graph.output(graph.add("Add", [graph.add("MatMul", [value, weights]), bias]), "float32", ["batch", 2]);
  return (await encodeModel(onnxModel(graph.build()))).proto;
}

/** A model folder with that network, in place of each that it has. */
async function modelFolder(name: string, operator: "Log" | "Sqrt" = "Log"): Promise<string> {
  const path = join(folder.path, name);
  cpSync(modelOf(name), path, { recursive: true });
  const bytes = await ofMean(operator);
  for (const file of readdirSync(path, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith("model_best.pth.tar")) continue;
    rmSync(join(path, file));
    writeFileSync(join(path, dirname(file), "model_best.onnx"), bytes);
  }
  return path;
}

async function emptyImage(participant: string): Promise<void> {
  const name = `${participant}_ses-M00_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.nii.gz`;
  const path = join(folder.path, `caps/subjects/${participant}/ses-M00/t1_linear`, name);
  // It stays where it was in space: images of other grids are refused for that.
  const { shape, affine = identityAffine } = await readNifti(Uint8Array.from(readFileSync(path)), path);
  const data = new Float32Array(elementCount(shape));
  writeFileSync(path, await encodeNiftiGz({ data, shape, affine }, gzipInPool));
}

const data = () => ["--caps_dir", join(folder.path, "caps"), "--tsv_path", join(folder.path, "labels")];

describe.each(casesOf(["atlas", "patch", "patch-multicnn"], (name) => name !== "patch-multicnn"))(
  "a session whose logits are not finite (%s)",
  (name) => {
    let model = "";
    const voting = name === "atlas" ? [] : ["--voting", "uniform"];
    const interpret = (level: "group" | "individual", ...options: string[]) =>
      interpretModel(out, level, model, "x", ...data(), ...voting, ...options);

    beforeEach(async () => {
      out = join(folder.path, "out");
      for (const shared of ["caps", "labels"]) {
        cpSync(join(partFixtures, shared), join(folder.path, shared), { recursive: true });
      }
      model = await modelFolder(name);
      await emptyImage("sub-02");
    });

    it("ends the job with its name, the layer and the network, and no group map is published", async () => {
      const { status, errors } = await interpret("group", "--on_error", "stop");
      expect(status).toBe(1);
      expect(errors).toMatch(
        /voxplain: sub-02 ses-M00.*logits that are not finite.*"logarithm" \(Log\).*model_best\.onnx/,
      );
      expect(existsSync(out)).toBe(false);
    });

    it("is left out of the group map by --on_error skip", async () => {
      const { status } = await interpret("group", "--on_error", "skip");
      expect(status).toBe(3);
      const result = resultIn(out, "x");
      expect(table(join(result, "errors.tsv"))).toMatchObject([
        { participant_id: "sub-02", session_id: "ses-M00", error: "not-finite" },
      ]);
      const used = table(join(result, "data.tsv")).map(({ participant_id }) => participant_id);
      expect(used).toEqual(["sub-01", "sub-01", "sub-04"]);
      expect(npy(join(result, "map.npy")).values.every(Number.isFinite)).toBe(true);
    });

    it("has no map at individual level, where the others have theirs", async () => {
      const { status } = await interpret("individual", "--on_error", "skip");
      expect(status).toBe(3);
      const folders = readdirSync(resultIn(out, "x")).filter((entry) => entry.startsWith("sub-"));
      expect(folders).toEqual(["sub-01", "sub-04"]);
    });

    it("lets predict stop, or go on with the others", async () => {
      const predict = (...options: string[]) =>
        voxplain(
          "predict",
          model,
          "--use_cpu",
          "--threads",
          "1",
          "--output_dir",
          out,
          ...data(),
          ...voting,
          ...options,
        );
      const stopped = await predict("--on_error", "stop");
      expect(stopped.status).toBe(1);
      expect(stopped.errors).toContain("sub-02 ses-M00");
      expect(existsSync(out)).toBe(false);
      const skipped = await predict("--on_error", "skip");
      expect(skipped.status).toBe(3);
      const result = resultIn(out, "all", "predictions");
      expect(table(join(result, "errors.tsv"))).toMatchObject([{ participant_id: "sub-02" }]);
      expect(table(join(result, "predictions.tsv"))).toHaveLength(5);
    });

    it("leaves nothing to publish where every session is like that", async () => {
      writeFileSync(join(folder.path, "labels/AD.tsv"), "participant_id\tsession_id\nsub-02\tses-M00\n");
      const { status, errors } = await interpret("group", "--on_error", "skip");
      expect(status).toBe(1);
      expect(errors).toContain("logits that are not finite");
      expect(existsSync(out)).toBe(false);
    });
  },
);

describe("a map that is not finite, of logits that are", () => {
  it("is part of the group map, which names its session; predictions.tsv counts its values", async () => {
    out = join(folder.path, "out");
    for (const shared of ["caps", "labels"]) {
      cpSync(join(partFixtures, shared), join(folder.path, shared), { recursive: true });
    }
    await emptyImage("sub-02");
    const model = await modelFolder("atlas", "Sqrt");
    const { status, errors } = await interpretModel(out, "group", model, "x", "--pictures", "all", ...data());
    expect(status).toBe(0);
    const warning =
      "1 of 4 maps hold NaN or infinite values, though the logits are finite, and so does the mean map (sub-02 ses-M00: 1287 of 1287)";
    expect(errors).toContain(`warning: ${warning}\n`);
    const result = resultIn(out, "x");
    expect(npy(join(result, "map.npy")).values.some(Number.isFinite)).toBe(false);
    expect(table(join(result, "predictions.tsv")).map(({ warnings }) => warnings ?? "")).toEqual([
      "map-not-finite:1287",
      ...["", "", ""],
    ]);
    expect(JSON.parse(readFileSync(join(result, "provenance.json"), "utf8")).warnings).toContain(warning);
  });
});
