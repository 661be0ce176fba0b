import type { DType } from "@voxplain/core";
import { intAttribute } from "../builder.ts";
import type { Dim } from "../model.ts";
import { dtypeOf } from "../tensor-codec.ts";
import type { Known, ShapeRule } from "./known.ts";

/** The shape that numpy-style broadcasting gives. @throws RangeError when two axes do not fit. */
export function broadcast(shapes: readonly (readonly Dim[] | undefined)[]): readonly Dim[] | undefined {
  if (shapes.some((shape) => shape === undefined)) return undefined;
  const known = shapes as readonly (readonly Dim[])[];
  const rank = Math.max(0, ...known.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const lengths = known.map((shape) =>
      axis < rank - shape.length ? 1 : shape[axis - rank + shape.length]!,
    );
    return lengths.reduce(broadcastDim, 1);
  });
}

function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === 1 || a === b) return b;
  if (b === 1) return a;
  if (typeof a === "number" && typeof b === "number") {
    throw new RangeError(`axes of length ${a} and ${b} do not fit together`);
  }
  // A symbol beside a number above 1 can only be that number (or 1).
  return typeof a === "number" ? a : typeof b === "number" ? b : null;
}

const same: ShapeRule = ({ inputs: [x], node }) =>
  node.outputs.map((_, k) => ({ dtype: k === 0 ? (x?.dtype ?? "float32") : "bool", dims: x?.dims }));

/** Broadcast of all inputs; the type is that of the first, or given. */
const broadcasting =
  (dtype?: DType, arithmetic?: (a: number, b: number) => number): ShapeRule =>
  ({ inputs }) => {
    const [a, b] = inputs;
    return [
      {
        dtype: dtype ?? a?.dtype ?? "float32",
        dims: broadcast(inputs.map((input) => input?.dims)),
        ...(arithmetic && { elements: combine(a, b, arithmetic) }),
      },
    ];
  };

/** Arithmetic on shapes, as exporters emit it. */
function combine(
  a: Known | undefined,
  b: Known | undefined,
  f: (a: number, b: number) => number,
): Dim[] | undefined {
  if (a?.elements === undefined || b?.elements === undefined) return undefined;
  const length = Math.max(a.elements.length, b.elements.length);
  return Array.from({ length }, (_, k) => {
    const x = a.elements![a.elements!.length === 1 ? 0 : k];
    const y = b.elements![b.elements!.length === 1 ? 0 : k];
    if (typeof x === "number" && typeof y === "number") return f(x, y);
    // A symbol stays itself when multiplied or divided by 1.
    return y === 1 && f(2, 1) === 2 ? (x ?? null) : null;
  });
}

const selection: ShapeRule = ({ inputs: [condition, a, b] }) => [
  { dtype: a?.dtype ?? "float32", dims: broadcast([condition?.dims, a?.dims, b?.dims]) },
];

const cast: ShapeRule = ({ inputs: [x], node }) => [
  {
    dtype: dtypeOf(intAttribute(node.attributes, "to", 1), `the output of ${node.name}`),
    dims: x?.dims,
    elements: x?.elements,
  },
];

const keepElements: ShapeRule = ({ inputs: [x] }) => (x === undefined ? [] : [x]);

const sameNames =
  "Relu LeakyRelu PRelu Elu Selu Celu Gelu HardSigmoid HardSwish Sigmoid Softplus Softsign Tanh Mish Softmax " +
  "LogSoftmax Hardmax Abs Sign Neg Exp Log Sqrt Reciprocal Erf Floor Ceil Round Sin Cos Tan Asin Acos Atan Sinh " +
  "Cosh Asinh Acosh Atanh ThresholdedRelu Shrink Clip Not CumSum Dropout LRN LpNormalization InstanceNormalization " +
  "GroupNormalization MeanVarianceNormalization";

export const elementwiseShapes: Readonly<Record<string, ShapeRule>> = {
  ...Object.fromEntries(sameNames.split(" ").map((name) => [name, same])),
  ...Object.fromEntries("Pow Max Min Sum Mean Mod BitShift".split(" ").map((name) => [name, broadcasting()])),
  Add: broadcasting(undefined, (a, b) => a + b),
  Sub: broadcasting(undefined, (a, b) => a - b),
  Mul: broadcasting(undefined, (a, b) => a * b),
  Div: broadcasting(undefined, (a, b) => Math.trunc(a / b)),
  ...Object.fromEntries(
    "Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor"
      .split(" ")
      .map((name) => [name, broadcasting("bool")]),
  ),
  IsNaN: ({ inputs: [x] }) => [{ dtype: "bool", dims: x?.dims }],
  IsInf: ({ inputs: [x] }) => [{ dtype: "bool", dims: x?.dims }],
  Where: selection,
  Cast: cast,
  Identity: keepElements,
};
