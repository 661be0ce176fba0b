import {
  allocate,
  type DType,
  elementAt,
  elementCount,
  rowMajorStrides,
  type Tensor,
  tensor,
} from "@voxplain/core";
import type { Node } from "../model.ts";
import type { ByOperator } from "../operator-name.ts";
import type { Known } from "../shape-rules/known.ts";

export interface KernelContext {
  readonly node: Node;
  readonly opset: number;
  /** undefined where the input is left out. */
  readonly x: readonly (Tensor | undefined)[];
  /** What shape inference knows of the inputs and outputs. */
  readonly inputs: readonly (Known | undefined)[];
  readonly outputs: readonly Known[];
}

/**
 * Computes a node's outputs as ONNX Runtime does, to the bit; undefined where it cannot.
 * @throws RangeError where inputs do not fit together.
 */
export type Kernel = (context: KernelContext) => readonly Tensor[] | undefined;

export type Kernels = ByOperator<Kernel>;

/** An input that the operator cannot do without. @throws RangeError where it is left out. */
export function inputOf({ x }: KernelContext, position: number): Tensor {
  const found = x[position];
  if (found === undefined) throw new RangeError(`the input number ${position + 1} is left out`);
  return found;
}

/** All inputs. @throws RangeError where one is left out. */
export function allInputs(context: KernelContext): readonly Tensor[] {
  return context.x.map((_, position) => inputOf(context, position));
}

/** An element that a tensor has. @throws RangeError where it has fewer. */
export function element(data: Tensor["data"], position: number): number | bigint {
  const found = data[position];
  if (found === undefined) throw new RangeError(`there is no element ${position} among ${data.length}`);
  return found;
}

/** The shape of the first output. @throws RangeError where it depends on more than constants. */
export function outputDims({ outputs: [y] }: KernelContext): readonly number[] {
  if (y?.dims?.every((dim) => typeof dim === "number")) return y.dims;
  throw new RangeError("the shape of the output is not known");
}

/** A tensor of elements as their type holds them. */
export function filled(
  dtype: DType,
  dims: readonly number[],
  element: (position: number) => number | bigint,
): Tensor {
  const data = allocate(dtype, elementCount(dims)) as { [k: number]: number | bigint; length: number };
  for (let k = 0; k < data.length; k++) data[k] = element(k);
  return tensor(dtype, dims, data as never) as Tensor;
}

/** Elements of x in another arrangement: `source` gives the position in x of what stands at an index. */
export function moved(
  x: Tensor,
  dims: readonly number[],
  source: (index: readonly number[]) => number,
): Tensor {
  const index = dims.map(() => 0);
  return filled(x.dtype, dims, (position) => {
    if (position > 0) step(index, dims);
    return element(x.data, source(index));
  });
}

/** Goes on to the next index in scan order, in place. */
function step(index: number[], dims: readonly number[]): void {
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const next = elementAt(index, axis) + 1;
    index[axis] = next < elementAt(dims, axis) ? next : 0;
    if (next < elementAt(dims, axis)) return;
  }
}

/** The position of an index in a row-major array. */
export function positionOf(index: readonly number[], strides: readonly number[]): number {
  return index.reduce((sum, k, axis) => sum + k * elementAt(strides, axis), 0);
}

/** The tensor broadcast to a shape, numpy-style. */
export function expanded(x: Tensor, dims: readonly number[]): Tensor {
  if (x.dims.length === dims.length && x.dims.every((length, axis) => length === dims[axis])) return x;
  const strides = rowMajorStrides(x.dims).map((stride, axis) => (x.dims[axis] === 1 ? 0 : stride));
  const skipped = dims.length - x.dims.length;
  return moved(x, dims, (index) =>
    strides.reduce((sum, stride, axis) => sum + elementAt(index, axis + skipped) * stride, 0),
  );
}

/** All elements as numbers: indices, axes, lengths. */
export function numbersIn(x: Tensor): number[] {
  return Array.from(x.data, Number);
}

/** An index counted from the front. @throws RangeError where there is no such element. */
export function checkedIndex(index: number, length: number): number {
  const counted = index < 0 ? index + length : index;
  if (counted >= 0 && counted < length) return counted;
  throw new RangeError(`there is no element ${index} among ${length}`);
}
