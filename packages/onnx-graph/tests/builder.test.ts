import { graphBuilder } from "@voxplain/onnx-graph";
import { expect, it } from "vitest";

it("a graph on top of another names no node as that one does", () => {
  const below = graphBuilder("below");
  const x = below.input("x", "float32", [2]);
  below.add("Neg", [x], {}, { name: "Shape", outputs: ["y"] });
  const above = graphBuilder("above", below.build());
  above.add("Shape", ["y"]);
  above.addNode({ name: "Exp", opType: "Exp", domain: "", inputs: ["y"], outputs: ["z"], attributes: {} });
  above.add("Exp", ["z"]);
  const names = above.build().nodes.map(({ name }) => name);
  expect(new Set(names).size).toBe(4);
});
