import { tensor } from "@voxplain/core";
import { type AttributeValue, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { runOnnx } from "../../../tests/direct-runtime.ts";
import { normals, uniform } from "../../../tests/random.ts";
import { differentiate } from "../src/index.ts";

type Attributes = Readonly<Record<string, AttributeValue>>;

/** Scales, or a size where it is a whole number above 0 with a minus. */
const targets = [3, 2.5, 1.7, 4 / 3, 1.1, 0.7, 2 / 3, 0.5, 0.3, -1, -4, -5, -11];
const lengths = [1, 5, 7, 10];

/** How far ⟨dy, R·x⟩ is from ⟨gradient, x⟩ for one axis resized by ONNX Runtime, on the larger scale of both. */
async function mismatch(length: number, target: number, attributes: Attributes): Promise<number> {
  const graph = graphBuilder("resize");
  graph.input("x", "float32", [1, 1, 1, length]);
  const float32 = (...values: number[]) =>
    graph.constant(tensor("float32", [values.length], Float32Array.from(values)));
  const region = float32(0, 0, 0, -0.2, 1, 1, 1, 1.1);
  const size = target < 0 ? ["", graph.int64([1, 1, 1, -target])] : [float32(1, 1, 1, target)];
  graph.add("Resize", ["x", region, ...size], attributes, { outputs: ["y"] });
  graph.output("y", "float32", undefined);
  const { model, cotangent, gradients } = differentiate(modelOf(graph.build(), { opsets: { "": 19 } }));
  const random = uniform(length);
  const resized = target < 0 ? -target : Math.floor(Math.fround(length * Math.fround(target)));
  const x = Float32Array.from(normals(random, length));
  const dy = Float32Array.from(normals(random, resized));
  const found = await runOnnx(model, {
    x: tensor("float32", [1, 1, 1, length], x),
    [cotangent]: tensor("float32", [1, 1, 1, resized], dy),
  });
  const dot = (a: Float32Array, b: ArrayLike<number | bigint>) =>
    a.reduce((sum, value, k) => sum + value * Number(b[k]), 0);
  const scale = dot(dy.map(Math.abs), new Array<number>(resized).fill(1));
  return Math.abs(dot(dy, found.y!.data) - dot(x, found[gradients.x!]!.data)) / Math.max(1, scale);
}

describe("the gradient of Resize is that of the places that ONNX Runtime looks at, also where rounding decides", () => {
  const modes = ["half_pixel", "half_pixel_symmetric", "align_corners", "asymmetric", "tf_crop_and_resize"];
  const roundings = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];
  const cases = modes.flatMap((mode) => roundings.map((rounding) => ({ mode, rounding })));
  it.each(cases)("$mode, $rounding", async ({ mode, rounding }) => {
    const attributes = { nearest_mode: rounding, coordinate_transformation_mode: mode };
    for (const length of lengths) {
      for (const target of targets) {
        if (target > 0 && length * target < 1) continue;
        const found = await mismatch(length, target, attributes);
        // Another element anywhere gives about 0.1.
        expect(found, `${length} by ${target}`).toBeLessThan(1e-5);
      }
    }
  });
});

it("a region is not looked at along an axis that is not scaled, as in ONNX Runtime", async () => {
  const model = (mode: string) => {
    const graph = graphBuilder("resize");
    graph.input("x", "float32", [1, 1, 4, 2]);
    const region = graph.constant(tensor("float32", [8], Float32Array.of(0, 0, 0.2, 0, 1, 1, 0.9, 1)));
    const attributes = { mode, coordinate_transformation_mode: "tf_crop_and_resize" };
    graph.add("Resize", ["x", region, "", graph.int64([1, 1, 4, 3])], attributes, { outputs: ["y"] });
    graph.output("y", "float32", undefined);
    return differentiate(modelOf(graph.build(), { opsets: { "": 19 } }));
  };
  const dy = tensor(
    "float32",
    [1, 1, 4, 3],
    Float32Array.of(...[1, 0, 0], ...[2, 0, 0], ...[3, 0, 0], 4, 0, 0),
  );
  for (const mode of ["nearest", "linear", "cubic"]) {
    const { model: differentiated, cotangent, gradients } = model(mode);
    const x = tensor("float32", [1, 1, 4, 2], Float32Array.of(5, 6, 7, 8, 9, 10, 11, 12));
    const found = await runOnnx(differentiated, { x, [cotangent]: dy });
    // The first column of y is that of x.
    expect(Array.from(found.y!.data, Number).filter((_, k) => k % 3 === 0)).toEqual([5, 7, 9, 11]);
    expect(Array.from(found[gradients.x!]!.data, Number)).toEqual([1, 0, 2, 0, 3, 0, 4, 0]);
  }
});

it("images of any size may be enlarged by copying", async () => {
  const graph = graphBuilder("resize");
  graph.input("x", "float32", ["n", 1, "height", "width"]);
  const scales = graph.constant(tensor("float32", [4], Float32Array.of(1, 1, 2, 3)));
  const attributes = { nearest_mode: "floor", coordinate_transformation_mode: "asymmetric" };
  graph.add("Resize", ["x", "", scales], attributes, { outputs: ["y"] });
  graph.output("y", "float32", undefined);
  const { model, cotangent, gradients } = differentiate(modelOf(graph.build()));
  const found = await runOnnx(model, {
    x: tensor("float32", [1, 1, 1, 2], Float32Array.of(5, 7)),
    [cotangent]: tensor(
      "float32",
      [1, 1, 2, 6],
      Float32Array.from({ length: 12 }, (_, k) => k),
    ),
  });
  expect(found[gradients.x!]!.data).toEqual(Float32Array.of(0 + 1 + 2 + 6 + 7 + 8, 3 + 4 + 5 + 9 + 10 + 11));
});

describe("what cannot be known before the graph runs is an error that names the node", () => {
  const dims = ["n", 1, 5, 7];
  const errors: [string, readonly (string | number)[], readonly string[], Attributes][] = [
    ["its scales are computed", dims, ["x", "", "s"], {}],
    ['the shape of "x", [n, 1, 5, w], is not fixed', ["n", 1, 5, "w"], ["x", "", "half"], { mode: "linear" }],
    [
      "its region of interest is computed",
      dims,
      ["x", "s", "half"],
      { coordinate_transformation_mode: "tf_crop_and_resize" },
    ],
    [
      'its coordinate_transformation_mode "diagonal" is not known',
      dims,
      ["x", "", "half"],
      { coordinate_transformation_mode: "diagonal" },
    ],
    ['its nearest_mode "up" is not known', dims, ["x", "", "half"], { nearest_mode: "up" }],
    [
      "its matrix from 3000 to 1500 elements would be too large",
      ["n", 1, 1, 3000],
      ["x", "", "half"],
      { mode: "linear" },
    ],
  ];
  it.each(errors)("%s", (message, shape, inputs, attributes) => {
    const graph = graphBuilder("resize");
    graph.input("x", "float32", shape);
    graph.input("s", "float32", [4]);
    graph.initializer("half", tensor("float32", [4], Float32Array.of(1, 1, 1, 0.5)));
    graph.add("Resize", inputs, attributes, { outputs: ["y"], name: "layer" });
    graph.output("y", "float32", ["n", 1, null, null]);
    expect(() => differentiate(modelOf(graph.build()))).toThrow(
      `the gradient of Resize "layer" is not supported: ${message}`,
    );
  });
});

it("a region that depends on what is differentiated is refused, and not taken for one without influence", () => {
  const graph = graphBuilder("crop");
  const region = graph.input("region", "float32", [8]);
  const image = graph.constant(tensor("float32", [1, 1, 2, 2], Float32Array.of(1, 2, 3, 4)));
  const mode = { coordinate_transformation_mode: "tf_crop_and_resize", mode: "linear" };
  graph.output(
    graph.add("Resize", [image, region, "", graph.int64([1, 1, 3, 3])], mode),
    "float32",
    undefined,
  );
  expect(() => differentiate(modelOf(graph.build()))).toThrow(
    /Resize .* is not supported: its region of interest/,
  );
});
