import { type DType, elementAt, type Tensor, tensor } from "@voxplain/core";
import { intAttribute } from "../builder.ts";
import {
  allInputs,
  element,
  expanded,
  filled,
  inputOf,
  type Kernel,
  type Kernels,
  outputDims,
} from "./kernel.ts";

/** Integers are computed exactly and wrap around as their type does; floats round once. */
interface Arithmetic {
  readonly float?: (a: number, b: number) => number;
  readonly integer?: (a: bigint, b: bigint) => bigint;
}

const isFloat = (dtype: DType) => dtype === "float32" || dtype === "float64";
const isHalf = (dtype: DType) => dtype === "float16" || dtype === "bfloat16";

/** An integer as an element of a type: the low bits count. */
export function wrapped(dtype: DType, value: bigint): number | bigint {
  if (dtype === "int64" || dtype === "uint64") return value;
  // Typed arrays take the low bits of what is exact.
  return Number(BigInt.asIntN(32, value));
}

function combined({ float, integer }: Arithmetic, a: Tensor, b: Tensor): Tensor | undefined {
  const { dtype, dims } = a;
  if (isFloat(dtype) && float)
    return filled(dtype, dims, (k) => float(Number(element(a.data, k)), Number(element(b.data, k))));
  if (isFloat(dtype) || isHalf(dtype) || dtype === "bool" || !integer) return undefined;
  return filled(dtype, dims, (k) =>
    wrapped(dtype, integer(BigInt(element(a.data, k)), BigInt(element(b.data, k)))),
  );
}

/** An operator on any number of inputs, from the left, with broadcasting. */
const arithmetic =
  (operation: Arithmetic): Kernel =>
  (context) => {
    const dims = outputDims(context);
    const operands = allInputs(context).map((x) => expanded(x, dims));
    const [first, ...others] = operands;
    let result: Tensor | undefined = first;
    for (const other of others) result = result && combined(operation, result, other);
    return result && [result];
  };

const unary =
  ({ float, integer }: { float?: (x: number) => number; integer?: (x: bigint) => bigint }): Kernel =>
  (context) => {
    const { dtype, dims, data } = inputOf(context, 0);
    if (isFloat(dtype) && float) return [filled(dtype, dims, (k) => float(Number(element(data, k))))];
    if (isFloat(dtype) || isHalf(dtype) || dtype === "bool" || !integer) return undefined;
    return [filled(dtype, dims, (k) => wrapped(dtype, integer(BigInt(element(data, k)))))];
  };

type Truth = (a: number | bigint, b: number | bigint) => boolean;

const comparison =
  (holds: Truth): Kernel =>
  (context) => {
    const dims = outputDims(context);
    const [a, b] = [expanded(inputOf(context, 0), dims), expanded(inputOf(context, 1), dims)];
    if (isHalf(a.dtype)) return undefined;
    return [filled("bool", dims, (k) => Number(holds(element(a.data, k), element(b.data, k))))];
  };

const not: Kernel = (context) => {
  const { dims, data } = inputOf(context, 0);
  return [filled("bool", dims, (k) => Number(data[k] === 0))];
};

/** The remainder has the sign of the divisor, or with fmod that of the dividend, as in C. */
const modulo: Kernel = (context) => {
  const fmod = intAttribute(context.node.attributes, "fmod", 0) === 1;
  const integer = (a: bigint, b: bigint) => {
    const rest = a % b;
    return !fmod && rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
  };
  return arithmetic({ integer, ...(fmod && { float: (a, b) => a % b }) })(context);
};

const where: Kernel = (context) => {
  const dims = outputDims(context);
  const condition = expanded(inputOf(context, 0), dims);
  const [a, b] = [expanded(inputOf(context, 1), dims), expanded(inputOf(context, 2), dims)];
  return [filled(a.dtype, dims, (k) => element((condition.data[k] !== 0 ? a : b).data, k))];
};

/** Not folded: half precision, and numbers that the type cannot hold. */
const cast: Kernel = (context) => {
  const x = inputOf(context, 0);
  const [from, to] = [x.dtype, elementAt(context.outputs, 0).dtype];
  if (from === to) return [x];
  if (isHalf(from) || isHalf(to)) return undefined;
  const { data } = x;
  if (to === "bool") return [filled("bool", x.dims, (k) => Number(Number(element(data, k)) !== 0))];
  if (isFloat(to)) {
    const numbers = Array.from(data, Number);
    const exact = isFloat(from) || numbers.every(Number.isSafeInteger);
    return exact ? [filled(to, x.dims, (k) => elementAt(numbers, k))] : undefined;
  }
  if (isFloat(from)) {
    const numbers = Array.from(data, Number).map(Math.trunc);
    const isHeld = numbers.every((value) => Math.abs(value) < 2 ** 31 && (value >= 0 || !to.startsWith("u")));
    return isHeld ? [filled(to, x.dims, (k) => wrapped(to, BigInt(elementAt(numbers, k))))] : undefined;
  }
  return [filled(to, x.dims, (k) => wrapped(to, BigInt(element(data, k))))];
};

const range: Kernel = (context) => {
  const [start, delta] = [inputOf(context, 0), inputOf(context, 2)];
  const dims = outputDims(context);
  const [first, by] = [element(start.data, 0), element(delta.data, 0)];
  if (typeof first === "bigint") {
    return [filled(start.dtype, dims, (k) => first + BigInt(k) * (by as bigint))];
  }
  // Floats: ONNX Runtime adds up step by step.
  if (isFloat(start.dtype)) return undefined;
  return [filled(start.dtype, dims, (k) => first + k * (by as number))];
};

const clip: Kernel = (context) => {
  const { dtype, dims, data } = inputOf(context, 0);
  const [, low, high] = context.x;
  if (isHalf(dtype)) return undefined;
  const [least, most] = [low?.data[0], high?.data[0]];
  return [
    filled(dtype, dims, (k) => {
      const value = element(data, k);
      const raised = least !== undefined && value < least ? least : value;
      return most !== undefined && raised > most ? most : raised;
    }),
  ];
};

const sameData: Kernel = (context) => [{ ...inputOf(context, 0), dims: outputDims(context) } as Tensor];

const constant: Kernel = ({ node: { attributes } }) => {
  const { value, value_int, value_ints, value_float, value_floats } = attributes;
  const int64 = (dims: readonly number[], values: readonly number[]) => [
    tensor("int64", dims, BigInt64Array.from(values, BigInt)),
  ];
  const float32 = (dims: readonly number[], values: readonly number[]) => [
    tensor("float32", dims, Float32Array.from(values)),
  ];
  if (value !== undefined && "tensor" in value) return [value.tensor];
  if (value_int !== undefined && "int" in value_int) return int64([], [value_int.int]);
  if (value_ints !== undefined && "ints" in value_ints)
    return int64([value_ints.ints.length], value_ints.ints);
  if (value_float !== undefined && "float" in value_float) return float32([], [value_float.float]);
  if (value_floats !== undefined && "floats" in value_floats) {
    return float32([value_floats.floats.length], value_floats.floats);
  }
  return undefined;
};

const constantOfShape: Kernel = (context) => {
  const { value } = context.node.attributes;
  const filler = value !== undefined && "tensor" in value ? value.tensor : undefined;
  return [filled(filler?.dtype ?? "float32", outputDims(context), () => filler?.data[0] ?? 0)];
};

export const lesser = <T extends number | bigint>(a: T, b: T): T => (b < a ? b : a);
export const larger = <T extends number | bigint>(a: T, b: T): T => (b > a ? b : a);

export const arithmeticKernels: Kernels = {
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Range: range,
  Identity: sameData,
  Reshape: sameData,
  Flatten: sameData,
  Squeeze: sameData,
  Unsqueeze: sameData,
  Add: arithmetic({ float: (a, b) => a + b, integer: (a, b) => a + b }),
  Sub: arithmetic({ float: (a, b) => a - b, integer: (a, b) => a - b }),
  Mul: arithmetic({ float: (a, b) => a * b, integer: (a, b) => a * b }),
  // Integers are cut, and BigInt throws a RangeError for 0.
  Div: arithmetic({ float: (a, b) => a / b, integer: (a, b) => a / b }),
  Mod: modulo,
  Min: arithmetic({ float: Math.min, integer: lesser }),
  Max: arithmetic({ float: Math.max, integer: larger }),
  Neg: unary({ float: (x) => -x, integer: (x) => -x }),
  Abs: unary({ float: Math.abs, integer: (x) => (x < 0n ? -x : x) }),
  Sign: unary({ float: Math.sign, integer: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n) }),
  Floor: unary({ float: Math.floor }),
  Ceil: unary({ float: Math.ceil }),
  Sqrt: unary({ float: Math.sqrt }),
  Reciprocal: unary({ float: (x) => 1 / x }),
  Clip: clip,
  Cast: cast,
  Where: where,
  Equal: comparison((a, b) => a === b),
  Greater: comparison((a, b) => a > b),
  GreaterOrEqual: comparison((a, b) => a >= b),
  Less: comparison((a, b) => a < b),
  LessOrEqual: comparison((a, b) => a <= b),
  And: comparison((a, b) => a !== 0 && b !== 0),
  Or: comparison((a, b) => a !== 0 || b !== 0),
  Xor: comparison((a, b) => (a !== 0) !== (b !== 0)),
  Not: not,
};
