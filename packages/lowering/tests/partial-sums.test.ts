import { tensor } from "@voxplain/core";
import { differentiate } from "@voxplain/onnx-autodiff";
import { graphBuilder, type Model, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { normals, uniform } from "../../../tests/random.ts";
import { partialSums } from "../src/partial-sums.ts";
import { runModel } from "./run-model.ts";

const every = { multiplications: Infinity };
const channels = 32;

/** The gradient of a convolution without a bias, [1, 32, …] → [1, 32, …]. */
function gradientOfConvolution(lengths: readonly number[], strides = lengths.map(() => 1)): Model {
  const graph = graphBuilder("convolution");
  const kernel = lengths.map(() => 3);
  const x = graph.input("x", "float32", [1, channels, ...lengths]);
  const weight = graph.initializer("weight", random([channels, channels, ...kernel], 1));
  const attributes = { kernel_shape: kernel, strides, pads: [...kernel, ...kernel].map(() => 1) };
  graph.add("Conv", [x, weight], attributes, { outputs: ["y"] });
  graph.output("y", "float32", undefined);
  return differentiate(modelOf(graph.build()), { output: "y" }).model;
}

function random(dims: readonly number[], seed: number) {
  const size = dims.reduce((product, length) => product * length, 1);
  return tensor("float32", dims, Float32Array.from(normals(uniform(seed), size)));
}

/** Σ over output channels and places of dy · weight, in float64: the gradient of a 2D convolution at its input. */
function inFloat64(dy: Float32Array, [height = 0, width = 0]: readonly number[]): Float64Array {
  const weight = random([channels, channels, 3, 3], 1).data;
  const dx = new Float64Array(channels * height * width);
  for (let from = 0; from < channels; from++) {
    for (let to = 0; to < channels; to++) {
      for (let place = 0; place < 9; place++) {
        const [down, right] = [Math.floor(place / 3) - 1, (place % 3) - 1];
        const factor = weight[(from * channels + to) * 9 + place]!;
        for (let y = Math.max(0, -down); y < Math.min(height, height - down); y++) {
          for (let x = Math.max(0, -right); x < Math.min(width, width - right); x++) {
            dx[(to * height + y + down) * width + x + right]! +=
              factor * dy[(from * height + y) * width + x]!;
          }
        }
      }
    }
  }
  return dx;
}

function relative(found: ArrayLike<number>, exact: Float64Array): number {
  const away = exact.reduce((sum, value, k) => sum + (found[k]! - value) ** 2, 0);
  return Math.sqrt(away / exact.reduce((sum, value) => sum + value ** 2, 0));
}

describe("small gradients of convolutions, summed by place", () => {
  it("round less than in one row of 288 products", async () => {
    const lengths = [12, 13];
    const gradient = gradientOfConvolution(lengths);
    const dy = random([1, channels, ...lengths], 2);
    const feeds = { x: random([1, channels, ...lengths], 3), "cotangent:y": dy };
    const errorOf = async (model: Model) =>
      relative(
        (await runModel(model, feeds))["gradient:x"]!.data as Float32Array,
        inFloat64(dy.data, lengths),
      );
    const [inOneRow, byPlace] = [await errorOf(gradient), await errorOf(partialSums(gradient, every))];
    // Rounding errors of 288 products in one row grow with √288, of 32 in a row and 9 in pairs with about √32.
    expect(inOneRow).toBeGreaterThan(1.5e-7);
    expect(byPlace).toBeLessThan(1.2e-7);
  });

  it.each([
    { lengths: [7, 6, 5] },
    { lengths: [7, 6, 5], strides: [2, 2, 2] },
    { lengths: [9, 8], strides: [1, 2] },
    { lengths: [11], strides: [1] },
  ])("are the same up to rounding: %o", async ({ lengths, strides }) => {
    const gradient = gradientOfConvolution(lengths, strides);
    const lowered = partialSums(gradient, every);
    expect(lowered).not.toBe(gradient);
    const dims = lengths.map((length, axis) => Math.ceil(length / (strides?.[axis] ?? 1)));
    const feeds = {
      x: random([1, channels, ...lengths], 3),
      "cotangent:y": random([1, channels, ...dims], 2),
    };
    const [found, expected] = [await runModel(lowered, feeds), await runModel(gradient, feeds)];
    const exact = Float64Array.from(expected["gradient:x"]!.data as Float32Array);
    expect(relative(found["gradient:x"]!.data as Float32Array, exact)).toBeLessThan(5e-7);
  });

  it("leave forward passes and large convolutions as they are", () => {
    const gradient = gradientOfConvolution([12, 13]);
    expect(partialSums(gradient, { multiplications: 32 * 32 * 9 * 12 * 13 })).toBe(gradient);
    const forward = partialSums(gradient, every).graph.nodes.filter(({ outputs }) => outputs.includes("y"));
    expect(forward.map(({ opType }) => opType)).toEqual(["Conv"]);
  });
});

it("a weight behind 20,000 constant nodes is followed without recursion", () => {
  const graph = graphBuilder("deep");
  const x = graph.input("x", "float32", [1, 1, 4]);
  let weight = graph.initializer("weight", random([1, 1, 3], 1));
  for (let k = 0; k < 20_000; k++) weight = graph.add("Add", [weight, weight]);
  graph.output(graph.add("Conv", [x, weight], { kernel_shape: [3] }), "float32", [1, 1, 2]);
  const model = modelOf(graph.build());
  expect(partialSums(model, every)).toBe(model);
});
