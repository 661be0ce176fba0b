import { floatAttribute, intAttribute, intsAttribute } from "@voxplain/onnx-graph";
import { array, at, broadcastAt, broadcastDims, count, generate, type NdArray } from "./array.ts";
import { einsum } from "./einsum.ts";
import { fromFront, type Kernel, numbersOf } from "./kernel.ts";

const gemm: Kernel = ({ x: [a, b, c], attributes }) => {
  const flip = (matrix: NdArray, transposed: boolean) =>
    transposed ? generate([matrix.dims[1]!, matrix.dims[0]!], ([i, j]) => at(matrix, [j!, i!])) : matrix;
  const left = flip(a!, intAttribute(attributes, "transA", 0) === 1);
  const right = flip(b!, intAttribute(attributes, "transB", 0) === 1);
  const alpha = floatAttribute(attributes, "alpha", 1);
  const beta = floatAttribute(attributes, "beta", 1);
  const product = matrixProduct(left, right);
  return [
    generate(
      product.dims,
      (position) => alpha * at(product, position) + (c ? beta * broadcastAt(c, position) : 0),
    ),
  ];
};

const matMul: Kernel = ({ x: [a, b] }) => {
  const left = a!.dims.length === 1 ? array([1, ...a!.dims], a!.data) : a!;
  const right = b!.dims.length === 1 ? array([...b!.dims, 1], b!.data) : b!;
  const product = matrixProduct(left, right);
  const dims = [...product.dims];
  if (b!.dims.length === 1) dims.pop();
  if (a!.dims.length === 1) dims.splice(b!.dims.length === 1 ? -1 : -2, 1);
  return [array(dims, product.data)];
};

function matrixProduct(a: NdArray, b: NdArray): NdArray {
  const inner = a.dims.at(-1)!;
  const batch = broadcastDims(a.dims.slice(0, -2), b.dims.slice(0, -2));
  return generate([...batch, a.dims.at(-2)!, b.dims.at(-1)!], (position) => {
    const outer = position.slice(0, -2);
    const [row, column] = position.slice(-2) as [number, number];
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      sum += broadcastAt(a, [...outer, row, k]) * broadcastAt(b, [...outer, k, column]);
    }
    return sum;
  });
}

const reduction =
  (f: (values: readonly number[]) => number, axesAreInput = 18): Kernel =>
  ({ x: [x, axes], attributes, opset }) => {
    const given = opset >= axesAreInput ? numbersOf(axes) : intsAttribute(attributes, "axes", []);
    // Without a reduction the rest of the operator is still done, element by element.
    const noop = !given?.length && intAttribute(attributes, "noop_with_empty_axes", 0) === 1;
    const all = noop ? [] : [...x!.dims.keys()];
    const reduced = given?.length ? given.map((axis) => fromFront(axis, x!.dims.length)) : all;
    const kept = x!.dims.map((length, axis) => (reduced.includes(axis) ? 1 : length));
    const result = generate(kept, (position) => f(fibre(x!, reduced, position)));
    if (intAttribute(attributes, "keepdims", 1) === 1) return [result];
    return [
      array(
        kept.filter((_, axis) => !reduced.includes(axis)),
        result.data,
      ),
    ];
  };

/** The elements along some axes through a position, in scan order. */
export function fibre(x: NdArray, axes: readonly number[], position: readonly number[]): readonly number[] {
  const along = x.dims.map((length, axis) => (axes.includes(axis) ? length : 1));
  return Array.from(
    generate(along, (step) =>
      at(
        x,
        step.map((index, axis) => (axes.includes(axis) ? index : position[axis]!)),
      ),
    ).data,
  );
}

export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
export const mean = (values: readonly number[]) => sum(values) / values.length;

const argMax: Kernel = ({ x: [x], attributes }) => {
  const axis = fromFront(intAttribute(attributes, "axis", 0), x!.dims.length);
  if (intAttribute(attributes, "keepdims", 1) !== 1) throw new Error("keepdims");
  return [
    generate(x!.dims.with(axis, 1), (position) => {
      const values = fibre(x!, [axis], position);
      return values.indexOf(Math.max(...values));
    }),
  ];
};

const softmax =
  (finish: (share: number) => number): Kernel =>
  ({ x: [x], attributes }) => {
    const axis = fromFront(intAttribute(attributes, "axis", -1), x!.dims.length);
    return [
      generate(x!.dims, (position) => {
        const total = sum(fibre(x!, [axis], position).map(Math.exp));
        return finish(Math.exp(at(x!, position)) / total);
      }),
    ];
  };

const batchNormalization: Kernel = ({ x: [x, scale, bias, average, variance], attributes }) => {
  const epsilon = floatAttribute(attributes, "epsilon", 1e-5);
  return [
    generate(x!.dims, (position) => {
      const channel = position[1]!;
      const deviation = Math.sqrt(variance!.data[channel]! + epsilon);
      return (
        ((at(x!, position) - average!.data[channel]!) / deviation) * scale!.data[channel]! +
        bias!.data[channel]!
      );
    }),
  ];
};

const instanceNormalization: Kernel = ({ x: [x, scale, bias], attributes }) => {
  const epsilon = floatAttribute(attributes, "epsilon", 1e-5);
  const axes = [...x!.dims.keys()].slice(2);
  return [
    generate(x!.dims, (position) => {
      const values = fibre(x!, axes, position);
      const variance = mean(values.map((value) => (value - mean(values)) ** 2));
      const normalized = (at(x!, position) - mean(values)) / Math.sqrt(variance + epsilon);
      return normalized * scale!.data[position[1]!]! + bias!.data[position[1]!]!;
    }),
  ];
};

export const linearKernels: Readonly<Record<string, Kernel>> = {
  Gemm: gemm,
  MatMul: matMul,
  Einsum: einsum,
  ReduceSum: reduction(sum, 13),
  ReduceMean: reduction(mean),
  ReduceProd: reduction(count),
  ReduceMax: reduction((values) => Math.max(...values)),
  ReduceMin: reduction((values) => Math.min(...values)),
  ReduceL1: reduction((values) => sum(values.map(Math.abs))),
  ReduceL2: reduction((values) => Math.hypot(...values)),
  ReduceLogSum: reduction((values) => Math.log(sum(values))),
  ReduceLogSumExp: reduction((values) => Math.log(sum(values.map(Math.exp)))),
  ReduceSumSquare: reduction((values) => sum(values.map((value) => value * value))),
  ArgMax: argMax,
  Softmax: softmax((share) => share),
  LogSoftmax: softmax(Math.log),
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  GlobalAveragePool: ({ x: [x] }) => [overSpace(x!, mean)],
  GlobalMaxPool: ({ x: [x] }) => [overSpace(x!, (values) => Math.max(...values))],
};

function overSpace(x: NdArray, f: (values: readonly number[]) => number): NdArray {
  const axes = [...x.dims.keys()].slice(2);
  return generate(
    x.dims.map((length, axis) => (axis < 2 ? length : 1)),
    (position) => f(fibre(x, axes, position)),
  );
}
