import { intAttribute } from "../builder.ts";
import type { Dim } from "../model.ts";
import { broadcast } from "./elementwise.ts";
import type { ShapeRule } from "./known.ts";

function sameLength(a: Dim | undefined, b: Dim | undefined, what: string): void {
  if (typeof a === "number" && typeof b === "number" && a !== b) {
    throw new RangeError(`${what}: ${a} and ${b} do not fit together`);
  }
}

const gemm: ShapeRule = ({ inputs: [a, b], node }) => {
  const [rows, inner] = oriented(a?.dims, intAttribute(node.attributes, "transA", 0) === 1);
  const [inner2, columns] = oriented(b?.dims, intAttribute(node.attributes, "transB", 0) === 1);
  sameLength(inner, inner2, "the inner axes");
  return [{ dtype: a?.dtype ?? "float32", dims: a?.dims && b?.dims && [rows ?? null, columns ?? null] }];
};

function oriented(dims: readonly Dim[] | undefined, transposed: boolean): readonly (Dim | undefined)[] {
  if (dims !== undefined && dims.length !== 2)
    throw new RangeError(`a matrix has two axes, not ${dims.length}`);
  return transposed ? [dims?.[1], dims?.[0]] : [dims?.[0], dims?.[1]];
}

const matMul: ShapeRule = ({ inputs: [a, b] }) => {
  const dtype = a?.dtype ?? "float32";
  if (a?.dims === undefined || b?.dims === undefined) return [{ dtype, dims: undefined }];
  if (a.dims.length === 0 || b.dims.length === 0)
    throw new RangeError("scalars cannot be multiplied as matrices");
  const left = a.dims.length === 1 ? [1, ...a.dims] : a.dims;
  const right = b.dims.length === 1 ? [...b.dims, 1] : b.dims;
  sameLength(left.at(-1), right.at(-2), "the inner axes");
  const batch = broadcast([left.slice(0, -2), right.slice(0, -2)]) ?? [];
  const rows = a.dims.length === 1 ? [] : [left.at(-2)!];
  const columns = b.dims.length === 1 ? [] : [right.at(-1)!];
  return [{ dtype, dims: [...batch, ...rows, ...columns] }];
};

/** y, then mean and inverse deviation over the axes that are normalised. */
const layerNormalization: ShapeRule = ({ inputs: [x], node }) => {
  const rank = x?.dims?.length ?? 0;
  const axis = intAttribute(node.attributes, "axis", -1);
  const first = axis < 0 ? axis + rank : axis;
  const dtype = x?.dtype ?? "float32";
  const statistics = { dtype, dims: x?.dims?.map((dim, k) => (k < first ? dim : 1)) };
  return [{ dtype, dims: x?.dims }, statistics, statistics];
};

export const linearShapes: Readonly<Record<string, ShapeRule>> = {
  Gemm: gemm,
  MatMul: matMul,
  LayerNormalization: layerNormalization,
  BatchNormalization: ({ inputs: [x, scale] }) => {
    sameLength(x?.dims?.[1], scale?.dims?.[0], "channels and scales");
    return [{ dtype: x?.dtype ?? "float32", dims: x?.dims }];
  },
};
