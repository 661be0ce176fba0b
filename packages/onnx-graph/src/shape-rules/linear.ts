import { intAttribute } from "../builder.ts";
import type { Dim } from "../model.ts";
import { einsum } from "./einsum.ts";
import { type Known, type ShapeRule, type ShapeRules, typeOf, unknownLike } from "./known.ts";
import { broadcast, broadcastKnown, unified } from "./lengths.ts";

const gemm: ShapeRule = ({ inputs: [a, b, c], node: { attributes } }) => {
  const [rows, inner] = oriented(a, intAttribute(attributes, "transA", 0) === 1);
  const [innerToo, columns] = oriented(b, intAttribute(attributes, "transB", 0) === 1);
  unified(inner, innerToo, "inner axes of the matrices");
  const dims = [rows, columns];
  if (c?.dims !== undefined) broadcast([dims, c.dims]);
  return [{ dtype: typeOf(a), dims }];
};

function oriented(matrix: Known | undefined, transposed: boolean): readonly [Dim, Dim] {
  if (matrix?.dims !== undefined && matrix.dims.length !== 2) {
    throw new RangeError(`[${matrix.dims.join(", ")}] is not a matrix`);
  }
  const [rows = null, columns = null] = matrix?.dims ?? [];
  return transposed ? [columns, rows] : [rows, columns];
}

/** As numpy.matmul: leading axes are broadcast, a vector is a matrix with one row or column. */
const matMul: ShapeRule = ({ inputs: [a, b] }) => {
  if (a?.dims === undefined || b?.dims === undefined) return [unknownLike(a)];
  if (a.dims.length === 0 || b.dims.length === 0) throw new RangeError("a scalar is not a matrix");
  const left = a.dims.length === 1 ? [1, ...a.dims] : a.dims;
  const right = b.dims.length === 1 ? [...b.dims, 1] : b.dims;
  unified(left.at(-1), right.at(-2), "inner axes of the matrices");
  const batch = broadcastKnown([left.slice(0, -2), right.slice(0, -2)]);
  const rows = a.dims.length === 1 ? [] : left.slice(-2, -1);
  const columns = b.dims.length === 1 ? [] : right.slice(-1);
  return [{ dtype: a.dtype, dims: [...batch, ...rows, ...columns] }];
};

export const linearRules: ShapeRules = { Gemm: gemm, MatMul: matMul, Einsum: einsum };
