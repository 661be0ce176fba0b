import { describe, expect, it } from "vitest";
import {
  type ByOperator,
  decodeModel,
  encodeModel,
  entryFor,
  forOperators,
  graphBuilder,
  modelOf,
} from "../src/index.ts";

const node = (opType: string, domain = "") => ({ opType, domain });

// Each line below the comments would fail the check of types if it compiled.
describe("the name of an operator that does not exist does not compile", () => {
  it("in a table", () => {
    const table: ByOperator<number> = {
      Relu: 1,
      // @ts-expect-error
      Rleu: 2,
    };
    expect(Object.keys(table)).toContain("Relu");
  });

  it("in a list of operators of one entry", () => {
    const table: ByOperator<number> = forOperators("Relu Elu LogSoftmax", 1);
    // @ts-expect-error
    const misspelt = forOperators("Relu Eul LogSoftmax", 1);
    expect([table.Elu, Object.keys(misspelt)]).toEqual([1, ["Relu", "Eul", "LogSoftmax"]]);
  });

  it("as a node of a graph", () => {
    const graph = graphBuilder("g");
    const x = graph.input("x", "float32", [2]);
    // @ts-expect-error
    graph.add("Convolution", [x]);
    // @ts-expect-error
    graph.addMany("Spilt", [x], 2);
    expect(graph.build().nodes.map(({ opType }) => opType)).toEqual(["Convolution", "Spilt"]);
  });
});

describe("operators of other domains", () => {
  it("are written with their domain, and read from files", async () => {
    const graph = graphBuilder("g");
    const x = graph.input("x", "float32", [2]);
    graph.output(graph.add("FusedGelu", [x], {}, { domain: "com.example" }), "float32", [2]);
    const model = modelOf(graph.build(), { opsets: { "": 17, "com.example": 1 } });
    const { graph: read } = decodeModel((await encodeModel(model, { externalData: "inline" })).proto);
    expect(read.nodes).toMatchObject([{ opType: "FusedGelu", domain: "com.example" }]);
  });

  it("have no entry in a table, though they are called as a standard one", () => {
    const table: ByOperator<string> = { Relu: "standard" };
    expect(entryFor(table, node("Relu"))).toBe("standard");
    expect(entryFor(table, node("Relu", "com.example"))).toBeUndefined();
  });
});

it("names of what every object has are no operators", () => {
  for (const name of ["constructor", "toString", "__proto__"])
    expect(entryFor({}, node(name))).toBeUndefined();
});
