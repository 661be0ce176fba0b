import { readFileSync } from "node:fs";
import { fromBytes, type Tensor, tensor } from "@voxplain/core";
import {
  decodeModel,
  foldConstants,
  type Model,
  simplify,
  upgradeOpset,
  validateGraph,
} from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { runOnnx } from "../../../tests/direct-runtime.ts";
import { differentiate } from "../src/index.ts";

interface Packed {
  readonly dims: readonly number[];
  readonly data: string;
}

interface Export {
  readonly name: string;
  readonly files: readonly string[];
  readonly x: Packed;
  readonly y: Packed;
  readonly cotangent: Packed;
  readonly gradient: Packed;
}

const read = (file: string) => readFileSync(new URL(`fixtures/exports/${file}`, import.meta.url));
const index: readonly Export[] = JSON.parse(read("index.json").toString());
const cases = index.flatMap((each) => each.files.map((file) => ({ ...each, file })));

function unpacked({ dims, data }: Packed): Tensor<"float32"> {
  return tensor("float32", dims, fromBytes("float32", new Uint8Array(Buffer.from(data, "base64"))));
}

/** Relative L2 distance. */
function distance(found: Tensor, expected: Tensor<"float32">): number {
  const wanted = Array.from(expected.data);
  return Math.hypot(...wanted.map((value, k) => value - Number(found.data[k]))) / Math.hypot(...wanted);
}

/** What openers of files do: as small a graph as there can be. */
const prepared = (model: Model): Model => {
  const folded = foldConstants(upgradeOpset(model));
  return { ...folded, graph: simplify(folded.graph) };
};

describe("networks as PyTorch exports them", () => {
  it.each(cases)("$file", async ({ file, ...expected }) => {
    const model = decodeModel(read(file), { name: file });
    const x = unpacked(expected.x);
    const plain = await runOnnx(model, { x });
    expect(plain.y!.dims).toEqual(expected.y.dims);
    expect(distance(plain.y!, unpacked(expected.y))).toBeLessThan(1e-6);

    // Folding and upgrading change no value, not in the last bit; ONNX Runtime's own fusions would, which
    // depend on what is constant.
    const small = prepared(model);
    expect(validateGraph(small.graph)).toEqual(small.graph);
    expect(await runOnnx(small, { x }, "disabled")).toEqual(await runOnnx(model, { x }, "disabled"));

    for (const each of [model, small]) {
      const { model: differentiated, cotangent, gradients } = differentiate(each);
      const found = await runOnnx(differentiated, { x, [cotangent]: unpacked(expected.cotangent) });
      // Not to the bit: ONNX Runtime merges nodes into one (LayerNormalization, say) only where nothing needs
      // what is between them, as the gradient does.
      expect(distance(found.y!, unpacked(expected.y))).toBeLessThan(1e-6);
      // 1e-5: float32 (6e-8) against float64, through normalizations and a softmax.
      expect(distance(found[gradients.x!]!, unpacked(expected.gradient))).toBeLessThan(1e-5);
    }
  });
});

describe("what an exporter computes from lengths is folded away", () => {
  const names = cases.map(({ file }) => file).filter((file) => file.startsWith("computed-pads"));
  it.each(names)("%s", (file) => {
    const { graph } = prepared(decodeModel(read(file)));
    const left = graph.nodes.map(({ opType }) => opType);
    expect(left).toEqual(["Conv", "Pad", "MaxPool", "Pad", "AveragePool", "Flatten", "ReduceSum"]);
  });
});
