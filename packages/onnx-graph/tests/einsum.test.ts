import { type Dim, einsumTerms, graphBuilder, inferShapes, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";

function shapeOf(equation: string, ...inputs: (readonly Dim[])[]): readonly Dim[] | undefined {
  const graph = graphBuilder("einsum");
  const names = inputs.map((dims, k) => graph.input(`x${k}`, "float32", dims));
  graph.add("Einsum", names, { equation }, { name: "layer1", outputs: ["y"] });
  return inferShapes(modelOf(graph.build())).get("y")?.dims;
}

describe("the equation of an Einsum", () => {
  it.each([
    ["ij,jk->ik", [2, 2], ["ij", "jk"], "ik"],
    [" b h q d , b h k d -> b h q k ", [4, 4], ["bhqd", "bhkd"], "bhqk"],
    ["ba,ac", [2, 2], ["ba", "ac"], "bc"],
    ["ii", [2], ["ii"], ""],
    ["ij->", [2], ["ij"], ""],
    ["...ij,...jk->...ik", [4, 4], ["abij", "abjk"], "abik"],
    ["...j,...jk", [3, 3], ["abj", "bjk"], "abk"],
    ["b...->...b", [3], ["bac"], "acb"],
    ["...,a", [0, 1], ["", "a"], "a"],
  ] as const)("%s", (equation, ranks, inputs, output) => {
    expect(einsumTerms(equation, ranks)).toEqual({ inputs, output });
  });

  it.each([
    ["ij,jk->ik", [2], /2 terms for 1 inputs/],
    ["ij->i->j", [2], /1 terms for 1 inputs/],
    ["ij->ji", [3], /"ij" of the equation does not describe 3 axes/],
    ["ij...->i", [1], /does not describe 1 axes/],
    ["ij->ik", [2], /"k" of the output/],
    ["ij->ii", [2], /"i" of the output/],
    ["i1->i", [2], /not an equation/],
    ["......->...", [2], /not an equation/],
    ["...->...", [60], /leaves no letters/],
  ] as const)("%s of %j axes is refused", (equation, ranks, message) => {
    expect(() => einsumTerms(equation, ranks)).toThrow(message);
  });
});

describe("the shape that Einsum gives", () => {
  it.each([
    [
      "bhqd,bkhd->bhqk",
      [
        ["n", 2, "q", 5],
        ["n", "k", 2, 5],
      ],
      ["n", 2, "q", "k"],
    ],
    [
      "...ij,...jk->...ik",
      [
        ["n", 2, 3, 4],
        ["n", 2, 4, 5],
      ],
      ["n", 2, 3, 5],
    ],
    [
      "...j,...jk",
      [
        ["n", 1, 3],
        [6, 3, 4],
      ],
      ["n", 6, 4],
    ],
    [
      "ij,ij->ij",
      [
        ["n", 1],
        [1, 4],
      ],
      ["n", 4],
    ],
  ] as const)("%s of %j", (equation, inputs, output) => {
    expect(shapeOf(equation, ...inputs)).toEqual(output);
  });

  it("is an error that names the node where one letter has two lengths", () => {
    expect(() => shapeOf("ij,jk->ik", ["n", 3], [4, 2])).toThrow(/Einsum "layer1".*axes "j".*3 and 4/);
  });
});
