import type { GradientCase } from "./case.ts";

type Dims = readonly (number | "2n")[];

function einsum(equation: string, ...inputs: Dims[]): GradientCase {
  return {
    name: `Einsum ${equation} of ${inputs.map((dims) => `[${dims.join(", ")}]`).join(", ")}`,
    inputs,
    build: (g, names) => g.node("Einsum", names, { equation }),
  };
}

export const einsumCases: readonly GradientCase[] = [
  einsum("ij,jk->ik", ["2n", 3], [3, 4]),
  einsum("bhqd, bhkd -> bhqk", ["2n", 2, 3, 5], ["2n", 2, 4, 5]),
  einsum("bhqk,bkhd->bqhd", ["2n", 2, 3, 4], ["2n", 4, 2, 5]),
  einsum("nctkv,kvw->nctw", ["2n", 2, 3, 2, 4], [2, 4, 3]),
  einsum("bi,bi->b", ["2n", 3], ["2n", 3]),
  einsum("i,j", [3], [4]),
  einsum("ba,ac", ["2n", 3], [3, 4]),
  einsum("ij->ji", ["2n", 3]),
  einsum("bij->b", ["2n", 3, 4]),
  einsum("bij->", ["2n", 3, 4]),
  einsum("bij,c->bc", ["2n", 3, 4], [2]),
  einsum("ij,jk,kl->il", ["2n", 3], [3, 4], [4, 2]),
  einsum("ii->i", [3, 3]),
  einsum("ii", [4, 4]),
  einsum("bii,ij->bj", ["2n", 3, 3], [3, 4]),
  einsum("ij,ij->ij", ["2n", 1], [1, 4]),
  einsum("ij,kj->ik", ["2n", 4], [3, 1]),
  einsum("...ij,...jk->...ik", ["2n", 5, 2, 3], ["2n", 5, 3, 4]),
  einsum("b...c,cd->b...d", ["2n", 3, 2, 4], [4, 5]),
  einsum("...i->...", ["2n", 3, 4]),
];

/** ONNX Runtime wants as many axes in each "...". */
export const unevenEinsumCases: readonly GradientCase[] = [
  einsum("...j,...jk", ["2n", 1, 3], [5, 3, 4]),
  einsum("...,b...->...b", [3], ["2n", 4, 3]),
];
