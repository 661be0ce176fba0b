import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DType, decodeNpy, encodeNpy, type Tensor, tensor } from "@voxplain/core";
import {
  type Dim,
  decodeModel,
  encodeModel,
  type GraphBuilder,
  graphBuilder,
  modelOf,
  type OperatorName,
} from "@voxplain/onnx-graph";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { forwardOnly, needNoGradient } from "./need-no-gradient.ts";
import { voxplain } from "./run-voxplain.ts";

// What networks of public packages look like once they are exported.

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-exported-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const phantoms = fileURLToPath(new URL("fixtures/phantoms", import.meta.url));
const inFolder = (name: string) => join(folder, name);
const imageDims = [1, 6, 6];
const values = Float32Array.from({ length: 36 }, (_, k) => (k * 37) % 256);

async function write(name: string, build: (graph: GraphBuilder) => void): Promise<string> {
  const graph = graphBuilder(name);
  build(graph);
  writeFileSync(inFolder(name), (await encodeModel(modelOf(graph.build()))).proto);
  writeFileSync(inFolder("image.npy"), encodeNpy(tensor("float32", imageDims, values)));
  return inFolder(name);
}

const explain = (model: string, ...argv: string[]) =>
  voxplain(
    "explain",
    model,
    inFolder("image.npy"),
    "--use_cpu",
    "--threads",
    "1",
    "--output_dir",
    inFolder("out"),
    ...argv,
  );

const map = () => decodeNpy(readFileSync(inFolder("out/image.npy")), "image.npy").data;
const predictions = () => readFileSync(inFolder("out/predictions.tsv"), "utf8").trimEnd().split("\n");

function weights(dims: readonly number[]): Tensor<"float32"> {
  const count = dims.reduce((product, length) => product * length, 1);
  return tensor(
    "float32",
    dims,
    Float32Array.from({ length: count }, (_, k) => Math.sin(1 + 3 * k)),
  );
}

describe("a network of bytes", () => {
  const addNetwork = (
    graph: GraphBuilder,
    dtype: DType,
    operators: readonly (readonly [OperatorName, object])[],
  ) => {
    const input = graph.input("x", dtype, ["n", ...imageDims]);
    const last = operators.reduce(
      (x, [operator, attributes]) => graph.add(operator, [x], { ...attributes }),
      input,
    );
    const scaled = graph.add("Mul", [last, graph.scalar(1 / 255)]);
    const dense = graph.add("MatMul", [
      graph.add("Flatten", [scaled]),
      graph.initializer("w", weights([36, 2])),
    ]);
    graph.output(dense, "float32", ["n", 2]);
  };
  const toFloat32 = ["Cast", { to: 1 }] as const;

  it.each([
    ["uint8", [toFloat32]],
    ["int16", [["Transpose", { perm: [0, 1, 2, 3] }], toFloat32]],
    ["float64", [toFloat32]],
  ] as const)("of %s is explained by the gradient behind its cast", async (dtype, operators) => {
    const model = await write("bytes.onnx", (graph) => addNetwork(graph, dtype, operators));
    const { status, errors } = await explain(model, "--target", "1");
    expect(errors).not.toContain("voxplain:");
    expect(status).toBe(0);
    const column = weights([36, 2]).data.filter((_, k) => k % 2 === 1);
    for (const [k, weight] of column.entries()) expect(map()[k]).toBeCloseTo(weight / 255, 8);
  });

  it("that computes with them is explained by occlusion, and the refusal of others says so", async () => {
    const integers = await write("integers.onnx", (graph) =>
      addNetwork(graph, "int8", [["Abs", {}], toFloat32]),
    );
    const refused = await explain(integers, "--overwrite");
    expect(refused.status).toBe(1);
    expect(refused.errors).toContain(`none passes through Round "x rounded to int8"; ${needNoGradient}`);
    const occluded = await explain(
      integers,
      ...["--overwrite", "--target", "1", "--method", "occlusion"],
      "--method_options",
      "window=1",
    );
    expect(occluded.errors).not.toContain("voxplain:");
    const held = values.map((value) => Math.abs(Math.min(value, 127)));
    const column = weights([36, 2]).data.filter((_, k) => k % 2 === 1);
    for (const [k, weight] of column.entries()) expect(map()[k]).toBeCloseTo((weight * held[k]!) / 255, 4);
  });
});

describe("a quantized network", () => {
  const addQuantized = (graph: GraphBuilder, dims: readonly Dim[] = ["n", ...imageDims]) => {
    const input = graph.input("x", "float32", dims);
    let last = input;
    for (const k of [0, 1]) {
      const [bytes, scale, zero] = graph.addMany("DynamicQuantizeLinear", [last], 3) as [
        string,
        string,
        string,
      ];
      const kernel = tensor("int8", [1, 1, 3, 3], Int8Array.of(1, -2, 3, 4, 5, -6, 7, 8, 9));
      const sums = graph.add("ConvInteger", [bytes, graph.initializer(`w${k}`, kernel), zero], {
        pads: [1, 1, 1, 1],
      });
      last = graph.add("Mul", [graph.add("Cast", [sums], { to: 1 }), scale]);
    }
    const mean = graph.add("Flatten", [graph.add("GlobalAveragePool", [last])]);
    graph.output(graph.add("Concat", [mean, graph.add("Neg", [mean])], { axis: 1 }), "float32", ["n", 2]);
  };

  it("is refused in one short sentence that says what would do", async () => {
    const model = await write("q.onnx", addQuantized);
    const { status, errors } = await explain(model);
    expect(status).toBe(1);
    expect(errors).toBe(
      `voxplain: ${model}: the network is quantized, and the gradient of DynamicQuantizeLinear (2 nodes), ConvInteger (2 nodes) ` +
        `is not known; ${needNoGradient}, or take the network's float32 export\n`,
    );
    expect(existsSync(inFolder("out"))).toBe(false);
  });

  it("is refused by differentiate with the same sentence", async () => {
    const model = await write("q.onnx", addQuantized);
    const { status, errors } = await voxplain("differentiate", model, "-o", inFolder("g.onnx"));
    expect(status).toBe(1);
    expect(errors).toMatch(/^voxplain: the network is quantized, .* need no gradient, or take/);
    expect(existsSync(inFolder("g.onnx"))).toBe(false);
  });

  it.each(["group", "individual"])(
    "of a model folder is refused by interpret %s before an image is read",
    async (level) => {
      cpSync(phantoms, inFolder("phantoms"), { recursive: true });
      const file = "phantoms/model/fold-0/models/best_balanced_accuracy/model_best.onnx";
      await write(file, (graph) => addQuantized(graph, ["n", 1, "h", "w"]));
      // What is broken would end the job first, were it read.
      const images = inFolder("phantoms/caps/subjects");
      for (const name of readdirSync(images)) {
        const bytes = readFileSync(join(images, name));
        bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 64);
        writeFileSync(join(images, name), bytes);
      }
      const argv = ["interpret", level, inFolder("phantoms/model"), "x", "--use_cpu"];
      const { status, errors } = await voxplain(...argv, "--output_dir", inFolder("out"));
      expect(errors).toMatch(/model_best\.onnx: the network is quantized, .* need no gradient/);
      expect(status).toBe(1);
    },
  );

  const smaller = forwardOnly.map(({ name, options }) => [name, "window" in options ? "window=2" : "cell=3"]);
  it.each(smaller)("is explained by %s with %s", async (method, option) => {
    const { status, errors } = await explain(
      await write("q.onnx", addQuantized),
      "--method",
      method,
      "--method_options",
      option,
    );
    expect(errors).not.toContain("voxplain:");
    expect(status).toBe(0);
    expect(map().some((value) => Math.abs(Number(value)) > 1)).toBe(true);
  });
});

describe("a network of two inputs", () => {
  it.each([
    ["first", [1, 6, 6], [3]],
    ["last", [6, 6, 1], [6, 6, 3]],
  ])("is refused for that, whatever their shapes: the image is the %s", async (_, image, other) => {
    const model = await write("two.onnx", (graph) => {
      const inputs = [
        graph.input("x", "float32", ["n", ...image]),
        graph.input("y", "float32", ["n", ...other]),
      ];
      const means = inputs.map((x) => graph.add("ReduceSum", [graph.add("Flatten", [x]), graph.int64([1])]));
      graph.output(graph.add("Concat", means, { axis: 1 }), "float32", ["n", 2]);
    });
    const { status, errors } = await explain(model);
    expect(status).toBe(1);
    expect(errors).toContain(
      'two.onnx: the network does not have the image as its only input: found "x", "y"',
    );
    expect((await voxplain("inspect", model)).status).toBe(0);
  });
});

describe("an output of boxes", () => {
  /** Class c of box b: the sum over the image, times weight [b, c]; then a softmax over the classes. */
  const addBoxes = (graph: GraphBuilder) => {
    const input = graph.input("x", "float32", ["n", ...imageDims]);
    const sum = graph.add("ReduceSum", [graph.add("Flatten", [input]), graph.int64([1])]);
    const all = graph.add("MatMul", [sum, graph.initializer("w", weights([1, 8]))]);
    const boxes = graph.add("Reshape", [all, graph.int64([-1, 4, 2])]);
    graph.output(graph.add("Softmax", [boxes], { axis: -1 }, { outputs: ["scores"] }), "float32", [
      "n",
      4,
      2,
    ]);
  };

  it("is explained for one value by an index for each axis, before the softmax", async () => {
    const { status, errors } = await explain(await write("boxes.onnx", addBoxes), "--target", "3,1");
    expect(errors).not.toContain("voxplain:");
    expect(status).toBe(0);
    const weight = weights([1, 8]).data[7]!;
    for (const value of map()) expect(Number(value)).toBeCloseTo(weight, 5);
    const [header, row] = predictions();
    expect(header).toBe("image\texplained_class\tlogit0");
    expect(row).toMatch(/^image.npy\t3,1\t/);
  });

  it.each([
    [
      [],
      1,
      /output "scores" is not one logit per class: expected \[batch, classes\], found \[batch, 4, 2\]; choose one value .*\(--target 0,0\)/,
    ],
    [["--target", "4,0"], 2, /target 4,0 is outside the output .*: expected an index from 0 to 3, found 4/],
    [["--target", "1,1,1"], 2, /target 1,1,1 does not name one value .*: expected 2 indices.*, found 3/],
  ] as const)("says which values there are: %j", async (argv, expectedStatus, message) => {
    const { status, errors } = await explain(await write("boxes.onnx", addBoxes), ...argv);
    expect(errors).toMatch(message);
    expect(status).toBe(expectedStatus);
  });
});

describe("a network of open lengths", () => {
  const addOpen = (graph: GraphBuilder) => {
    const input = graph.input("x", "float32", ["n", 1, "h", "w"]);
    const kernel = graph.initializer("w", weights([2, 1, 3, 3]));
    const sums = graph.add("Conv", [input, kernel], { strides: [2, 2] });
    graph.output(sums, "float32", ["n", 2, "h2", "w2"]);
  };

  it.each(["1,8,9", "3,1,8,9"])("is differentiated for the lengths that --shape %s gives", async (shape) => {
    const model = await write("open.onnx", addOpen);
    const refused = await voxplain("differentiate", model, "-o", inFolder("g.onnx"));
    expect(refused.status).toBe(1);
    expect(refused.errors).toContain(
      "is not fixed; give the lengths of the axes behind the batch by the option shape, such as 1,64,64",
    );
    const { status, errors } = await voxplain(
      "differentiate",
      model,
      "-o",
      inFolder("g.onnx"),
      "--shape",
      shape,
    );
    expect(errors).not.toContain("voxplain:");
    expect(status).toBe(0);
    const { graph } = decodeModel(readFileSync(inFolder("g.onnx")), { name: "g.onnx" });
    expect(graph.inputs[0]?.dims?.slice(-3)).toEqual([1, 8, 9]);
  });

  it("refuses lengths that its input does not have", async () => {
    const model = await write("open.onnx", addOpen);
    const { status, errors } = await voxplain(
      "differentiate",
      model,
      "-o",
      inFolder("g.onnx"),
      "--shape",
      "3,8,9",
    );
    expect(status).toBe(2);
    expect(errors).toContain('the shape 3,8,9 does not fit the input "x", [n, 1, h, w]');
  });
});

it("voxplain inspect lists no constants, shapes and casts as layers", async () => {
  const model = await write("constants.onnx", (graph) => {
    const input = graph.input("x", "float32", ["n", ...imageDims]);
    const constant = graph.add(
      "Constant",
      [],
      { value: { tensor: weights([36, 2]) } },
      { outputs: ["constant"] },
    );
    const scaled = graph.add("Neg", [constant], {}, { outputs: ["of_weights"] });
    const copy = graph.add("Cast", [input], { to: 1 }, { outputs: ["cast"] });
    const flat = graph.add("Flatten", [copy], {}, { outputs: ["flat"] });
    graph.output(graph.add("MatMul", [flat, scaled], {}, { outputs: ["y"] }), "float32", ["n", 2]);
  });
  const { output } = await voxplain("inspect", model, "--json");
  expect(JSON.parse(output).layers.map(({ name }: { name: string }) => name)).toEqual(["flat", "y"]);
});
