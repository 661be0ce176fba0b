import { intAttribute, stringAttribute } from "../builder.ts";
import type { Dim } from "../model.ts";
import { type Known, type ShapeRule, type ShapeRules, typeOf, unknownLike } from "./known.ts";
import { broadcast, unified } from "./lengths.ts";

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
  const batch = broadcast([left.slice(0, -2), right.slice(0, -2)])!;
  const rows = a.dims.length === 1 ? [] : left.slice(-2, -1);
  const columns = b.dims.length === 1 ? [] : right.slice(-1);
  return [{ dtype: a.dtype, dims: [...batch, ...rows, ...columns] }];
};

/** Terms without "..."; without "->" the letters that stand once are kept, in alphabetical order. */
const einsum: ShapeRule = ({ inputs, node }) => {
  const equation = stringAttribute(node.attributes, "equation", "").replaceAll(" ", "");
  const [left = "", right] = equation.split("->");
  if (equation.includes(".") || inputs.some((input) => input?.dims === undefined)) {
    return [unknownLike(inputs[0])];
  }
  const lengths = new Map<string, Dim>();
  for (const [k, term] of left.split(",").entries()) {
    const dims = inputs[k]?.dims ?? [];
    if (dims.length !== term.length) {
      throw new RangeError(`"${term}" of the equation does not describe [${dims.join(", ")}]`);
    }
    for (const [axis, letter] of [...term].entries()) {
      lengths.set(letter, unified(lengths.get(letter), dims[axis], `axes "${letter}" of the equation`));
    }
  }
  const letters = [...left.replaceAll(",", "")];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort();
  return [
    { dtype: typeOf(inputs[0]), dims: [...(right ?? once)].map((letter) => lengths.get(letter) ?? null) },
  ];
};

export const linearRules: ShapeRules = { Gemm: gemm, MatMul: matMul, Einsum: einsum };
