import { type Dim, floatAttribute, intAttribute } from "@voxplain/onnx-graph";
import { type GradientRule, type GradientRules, inputOf, type RuleContext } from "../rule.ts";
import { einsum } from "./einsum.ts";

/** Y = α·A'·B' + β·C, where A' and B' may be transposed. */
const gemm: GradientRule = (g, [dy]) => {
  if (dy === undefined) return [];
  const { attributes } = g.node;
  const alpha = { float: floatAttribute(attributes, "alpha", 1) };
  const transA = intAttribute(attributes, "transA", 0);
  const transB = intAttribute(attributes, "transB", 0);
  const [a] = g.x;
  const b = inputOf(g, 1);
  const product = (left: string, right: string, transposeLeft: number, transposeRight: number) =>
    g.emit("Gemm", [left, right], { alpha, transA: transposeLeft, transB: transposeRight });
  // dA' = α·dY·B'ᵀ
  const dA = () => (transA === 0 ? product(dy, b, 0, 1 - transB) : product(b, dy, transB, 1));
  // dB' = α·A'ᵀ·dY
  const dB = () => (transB === 0 ? product(a, dy, 1 - transA, 0) : product(dy, a, 1, transA));
  const dC = () => {
    const beta = floatAttribute(attributes, "beta", 1);
    return g.unbroadcast(beta === 1 ? dy : g.emit("Mul", [dy, g.float(beta)]), g.dims(g.y[0]), inputOf(g, 2));
  };
  return [dA, dB, dC].map((part, input) => (g.wants(input) ? part() : undefined));
};

/**
 * dA = dY·Bᵀ, dB = Aᵀ·dY, summed over the batch axes that were broadcast. A vector on the left is a
 * row, one on the right a column, and that axis is missing in the product.
 */
const matMul: GradientRule = (g, [dy]) => {
  if (dy === undefined) return [];
  const [a, b] = [g.x[0], inputOf(g, 1)];
  const [dimsA, dimsB, dimsY] = [g.dims(a), g.dims(b), g.dims(g.y[0])];
  const [row, column] = [dimsA.length === 1, dimsB.length === 1];
  const withAxis = (value: string, axis: number, missing: boolean) =>
    missing ? g.emit("Unsqueeze", [value, g.int64([axis])]) : value;
  const matrixY = withAxis(withAxis(dy, -1, column), -2, row);
  const batch = dimsY.slice(0, dimsY.length - (row ? 0 : 1) - (column ? 0 : 1));
  const summed = (product: string, like: string, dims: readonly Dim[], vectorAxis: number) =>
    dims.length === 1
      ? g.unbroadcast(g.emit("Squeeze", [product, g.int64([vectorAxis])]), [...batch, ...dims], like)
      : g.unbroadcast(product, [...batch, ...dims.slice(-2)], like);

  const dA = () => {
    const matrixB = withAxis(b, 1, column);
    return summed(g.emit("MatMul", [matrixY, transposed(g, matrixB, dimsB)]), a, dimsA, -2);
  };
  const dB = () => {
    const matrixA = withAxis(a, 0, row);
    return summed(g.emit("MatMul", [transposed(g, matrixA, dimsA), matrixY]), b, dimsB, -1);
  };
  return [g.wants(0) ? dA() : undefined, g.wants(1) ? dB() : undefined];
};

/** Exchanges the last two axes of a value that has these axes, or was a vector and is a matrix now. */
function transposed(g: RuleContext, value: string, dims: readonly Dim[]): string {
  const rank = Math.max(2, dims.length);
  const leading = Array.from({ length: rank - 2 }, (_, axis) => axis);
  return g.emit("Transpose", [value], { perm: [...leading, rank - 1, rank - 2] });
}

export const matmulRules: GradientRules = { Gemm: gemm, MatMul: matMul, Einsum: einsum };
