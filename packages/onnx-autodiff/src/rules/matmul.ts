import { floatAttribute, intAttribute } from "@voxplain/onnx-graph";
import type { GradientRule, GradientRules, RuleContext } from "../rule.ts";
import { unbroadcast } from "../unbroadcast.ts";

/** Y = α·A'·B' + β·C, where A' and B' may be transposed. */
const gemm: GradientRule = (g, [dy]) => {
  if (dy === undefined) return [];
  const { attributes } = g.node;
  const alpha = { float: floatAttribute(attributes, "alpha", 1) };
  const transA = intAttribute(attributes, "transA", 0);
  const transB = intAttribute(attributes, "transB", 0);
  const [a, b, c] = g.x;
  const product = (left: string, right: string, transposeLeft: number, transposeRight: number) =>
    g.emit("Gemm", [left, right], { alpha, transA: transposeLeft, transB: transposeRight });
  // dA' = α·dY·B'ᵀ
  const dA = () => (transA === 0 ? product(dy, b!, 0, 1 - transB) : product(b!, dy, transB, 1));
  // dB' = α·A'ᵀ·dY
  const dB = () => (transB === 0 ? product(a!, dy, 1 - transA, 0) : product(dy, a!, 1, transA));
  const dC = () => {
    const beta = floatAttribute(attributes, "beta", 1);
    return g.unbroadcast(beta === 1 ? dy : g.emit("Mul", [dy, g.scalar(beta)]), g.y[0]!, c!);
  };
  return [dA, dB, dC].map((part, input) => (g.wants(input) ? part() : undefined));
};

/** dA = dY·Bᵀ, dB = Aᵀ·dY, summed over the batch axes that were broadcast. */
const matMul: GradientRule = (g, [dy]) => {
  const [a, b] = g.x as [string, string];
  if (dy === undefined) return [];
  if (g.dims(a).length < 2 || g.dims(b).length < 2) throw g.unsupported("one of its inputs is a vector");
  const dA = g.wants(0) ? unbatched(g, g.emit("MatMul", [dy, transposed(g, b)]), a) : undefined;
  const dB = g.wants(1) ? unbatched(g, g.emit("MatMul", [transposed(g, a), dy]), b) : undefined;
  return [dA, dB];
};

function transposed(g: RuleContext, value: string): string {
  const axes = g.dims(value).map((_, axis) => axis);
  const [last, beforeLast] = [axes.pop()!, axes.pop()!];
  return g.emit("Transpose", [value], { perm: [...axes, last, beforeLast] });
}

/** The matrix axes of the product fit already; the batch axes are those of the output. */
function unbatched(g: RuleContext, product: string, input: string): string {
  const batch = g.dims(g.y[0]!).slice(0, -2);
  const own = g.dims(input);
  if (own.slice(0, -2).join() === batch.join()) return product;
  return unbroadcast(g, product, [...batch, ...own.slice(-2)], own);
}

export const matmulRules: GradientRules = { Gemm: gemm, MatMul: matMul };
