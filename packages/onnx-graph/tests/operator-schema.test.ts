import { describe, expect, it } from "vitest";
import { type Attributes, graphBuilder, validateGraph } from "../src/index.ts";

function graphOf(opType: string, inputs: number, attributes: Attributes = {}) {
  const graph = graphBuilder("g");
  const x = graph.input("x", "float32", [2, 3]);
  graph.output(
    graph.add(opType, new Array<string>(inputs).fill(x), attributes, { name: "odd", domain: "" }),
    "float32",
    [2],
  );
  return graph.build();
}

describe("validateGraph", () => {
  it.each([
    ["Gather", 1, /Gather "odd" lacks its input number 2/],
    ["Slice", 0, /Slice "odd" lacks its input number 1/],
    ["Relu", 2, /Relu "odd" has 2 inputs, but takes 1 at most/],
    ["BatchNormalization", 4, /lacks its input number 5/],
  ] as const)("refuses %s with %s inputs", (opType, inputs, message) => {
    expect(() => validateGraph(graphOf(opType, inputs))).toThrow(message);
  });

  it.each([
    ["Slice", 1, 9, 10],
    ["Pad", 1, 10, 11],
    ["Unsqueeze", 1, 12, 13],
    ["TopK", 1, 9, 10],
  ] as const)(
    "takes %s with %s input in operator set %s, and refuses it in %s",
    (opType, inputs, old, newer) => {
      const graph = graphOf(opType, inputs);
      expect(validateGraph(graph, old)).toBe(graph);
      expect(() => validateGraph(graph, newer)).toThrow(`${opType} "odd" lacks its input number 2`);
    },
  );

  it("refuses attributes of another type", () => {
    const perm = { perm: { floats: [1, 0] } };
    expect(() => validateGraph(graphOf("Transpose", 1, perm))).toThrow(
      /attribute "perm" that is not of type ints/,
    );
  });

  it("leaves operators that it does not know to the runtime", () => {
    const graph = graphOf("Unheard", 7, { perm: { floats: [1] } });
    expect(validateGraph(graph)).toBe(graph);
  });
});
