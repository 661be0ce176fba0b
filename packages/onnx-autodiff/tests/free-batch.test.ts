import { readFileSync } from "node:fs";
import { fromBytes, type Tensor, tensor } from "@voxplain/core";
import { decodeModel, inferShapes, upgradeOpset, validateGraph, withFreeBatch } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { runOnnx } from "../../../tests/direct-runtime.ts";
import { differentiate } from "../src/index.ts";

interface Packed {
  readonly dims: readonly number[];
  readonly data: string;
}

interface Export {
  readonly name: string;
  /** Exported with a batch of 1. */
  readonly fixed: string;
  readonly x: Packed;
  readonly y: Packed;
  readonly cotangent: Packed;
  readonly gradient: Packed;
}

const read = (file: string) => readFileSync(new URL(`fixtures/exports/${file}`, import.meta.url));
const index: readonly Export[] = JSON.parse(read("index.json").toString());

function unpacked({ dims, data }: Packed): Tensor<"float32"> {
  return tensor("float32", dims, fromBytes("float32", new Uint8Array(Buffer.from(data, "base64"))));
}

/** Relative L2 distance. */
function distance(found: Tensor, expected: Tensor<"float32">): number {
  const wanted = Array.from(expected.data);
  return Math.hypot(...wanted.map((value, k) => value - Number(found.data[k]))) / Math.hypot(...wanted);
}

describe("a network that PyTorch exported for one image takes two", () => {
  it.each(index)("$fixed", async (each) => {
    const model = upgradeOpset(decodeModel(read(each.fixed)));
    expect(model.graph.inputs[0]!.dims![0]).toBe(1);
    const { model: free, obstacle } = withFreeBatch(model);
    expect(obstacle).toBeUndefined();
    expect(validateGraph(free.graph)).toEqual(free.graph);
    expect(inferShapes(free).get("x")!.dims![0]).toBe("batch");
    const x = unpacked(each.x);
    const { model: differentiated, cotangent, gradients } = differentiate(free);
    const found = await runOnnx(differentiated, { x, [cotangent]: unpacked(each.cotangent) });
    expect(found.y!.dims).toEqual(each.y.dims);
    // As in exports.test.ts.
    expect(distance(found.y!, unpacked(each.y))).toBeLessThan(1e-6);
    expect(distance(found[gradients.x!]!, unpacked(each.gradient))).toBeLessThan(1e-5);
  });
});
