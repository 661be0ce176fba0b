import { tensor } from "@voxplain/core";
import {
  decodeModel,
  encodeModel,
  type Graph,
  type GraphBuilder,
  graphBuilder,
  modelOf,
} from "@voxplain/onnx-graph";
import { expect, it } from "vitest";

async function decoded(build: (graph: GraphBuilder) => string): Promise<Graph> {
  const graph = graphBuilder("types");
  graph.input("x", "float32", ["n", 3]);
  graph.initializer("one", tensor("int64", [1], BigInt64Array.of(1n)));
  graph.output(build(graph), "float32", undefined);
  const { proto } = await encodeModel(modelOf(graph.build()), { externalData: "inline" });
  return decodeModel(proto, { name: "net.onnx" }).graph;
}

const odd = { name: "odd" };

it.each([
  ["weights", (g) => g.add("Concat", ["one", g.scalar(1)], { axis: 0 }, odd), "Concat", "int64 and float32"],
  ["lengths", (g) => g.add("Mul", ["x", g.add("Shape", ["x"])], {}, odd), "Mul", "float32 and int64"],
  ["casts", (g) => g.add("Add", [g.add("Cast", ["x"], { to: 7 }), "x"], {}, odd), "Add", "int64 and float32"],
  ["truths", (g) => g.add("Sub", [g.add("Equal", ["x", "x"]), "x"], {}, odd), "Sub", "bool and float32"],
] as const satisfies readonly (readonly [string, (graph: GraphBuilder) => string, string, string])[])(
  "a file that joins %s of different types is refused by its name",
  async (_, build, opType, types) => {
    await expect(decoded(build)).rejects.toMatchObject({
      code: "invalid-file",
      message: `net.onnx: the graph is not sound: ${opType} "odd" has inputs of different types: expected one type, found ${types}`,
    });
  },
);

it("refuses it in a branch too, by the types of values around it", async () => {
  const branch = graphBuilder("branch");
  branch.output(branch.add("Add", ["x", "one"], {}, odd), "float32", undefined);
  const branches = { then_branch: { graph: branch.build() }, else_branch: { graph: branch.build() } };
  const nested = decoded((g) =>
    g.add("If", [g.initializer("c", tensor("bool", [], Uint8Array.of(1)))], branches),
  );
  await expect(nested).rejects.toThrow(
    'Add "odd" has inputs of different types: expected one type, found float32 and int64',
  );
});

it("takes types for granted that only a runtime can find out", async () => {
  const graph = await decoded((g) => g.add("Add", [g.add("Unheard", ["x"], {}, { domain: "" }), "one"]));
  expect(graph.nodes).toHaveLength(2);
});
