import { tensor } from "@voxplain/core";
import {
  type Attribute,
  type Dim,
  type Graph,
  type GraphBuilder,
  graphBuilder,
  inferShapes,
  inlineConstantIfs,
  modelOf,
  validateGraph,
} from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";

const truth = (value: boolean) => tensor("bool", [], Uint8Array.of(Number(value)));

/** A subgraph, which may name values of the graph around it. */
function branch(build: (graph: GraphBuilder) => readonly string[]): Attribute & { readonly graph: Graph } {
  const graph = graphBuilder("branch");
  for (const name of build(graph)) graph.output(name, "float32", undefined);
  return { graph: graph.build() };
}

const named = (name: string) => ({ name, outputs: [name] });

/** y = If(condition) { −x } else { √(x + 1) }; further nodes may follow. */
function choosing(condition: (graph: GraphBuilder) => string): Graph {
  const graph = graphBuilder("choosing");
  graph.input("x", "float32", ["n", 3]);
  const branches = {
    then_branch: branch((g) => [g.add("Neg", ["x"], {}, named("negative"))]),
    else_branch: branch((g) => {
      g.initializer("one", tensor("float32", [], Float32Array.of(1)));
      return [g.add("Sqrt", [g.add("Add", ["x", "one"], {}, named("sum"))], {}, named("root"))];
    }),
  };
  graph.add("If", [condition(graph)], branches, named("y"));
  graph.output("y", "float32", undefined);
  return graph.build();
}

const nodeTexts = (graph: Graph) =>
  graph.nodes.map(({ opType, inputs, outputs }) => `${outputs} = ${opType}(${inputs})`);

describe("an If whose condition is constant becomes the branch that it takes", () => {
  it.each([
    [true, ["y = Neg(x)"]],
    [false, ["sum = Add(x,one)", "y = Sqrt(sum)"]],
  ])("%s, as a weight", (value, expected) => {
    const inlined = inlineConstantIfs(choosing((graph) => graph.initializer("flag", truth(value))));
    expect(nodeTexts(inlined)).toEqual(expected);
    expect(inlined.initializers.has("one")).toBe(!value);
    expect(validateGraph(inlined)).toEqual(inlined);
    expect(inferShapes(modelOf(inlined)).get("y")?.dims).toEqual(["n", 3]);
  });

  it("as the output of a Constant", () => {
    const graph = choosing((g) => g.add("Constant", [], { value: { tensor: truth(true) } }, named("flag")));
    expect(nodeTexts(inlineConstantIfs(graph))).toEqual(["flag = Constant()", "y = Neg(x)"]);
  });

  it("also inside of a branch that is taken", () => {
    const graph = graphBuilder("nested");
    graph.input("x", "float32", [3]);
    const inner = (flag: string) => ({
      then_branch: branch((g) => [g.add("Neg", [flag === "" ? "x" : "before"], {}, named("negative"))]),
      else_branch: branch((g) => [g.add("Abs", ["x"], {}, named("positive"))]),
    });
    const taken = branch((g) => {
      g.initializer("inside", truth(true));
      g.add("Exp", ["x"], {}, named("before"));
      return [g.add("If", ["inside"], inner("inside"), named("chosen"))];
    });
    const other = branch((g) => [g.add("Exp", ["x"], {}, named("other"))]);
    graph.initializer("flag", truth(true));
    graph.add("If", ["flag"], { then_branch: taken, else_branch: other }, named("y"));
    graph.output("y", "float32", [3]);
    const inlined = inlineConstantIfs(graph.build());
    expect(nodeTexts(inlined)).toEqual(["before = Exp(x)", "y = Neg(before)"]);
  });

  it("where the branch only gives on what it finds, or the same value twice", () => {
    const graph = graphBuilder("copies");
    graph.input("x", "float32", [3]);
    graph.initializer("flag", truth(true));
    const then_branch = branch((g) => {
      g.initializer("weight", tensor("float32", [], Float32Array.of(1)));
      const negative = g.add("Neg", ["x"], {}, named("negative"));
      return [negative, negative, "x", "weight"];
    });
    graph.addMany(
      "If",
      ["flag"],
      4,
      { then_branch, else_branch: then_branch },
      {
        name: "if",
        outputs: ["a", "b", "c", "d"],
      },
    );
    for (const name of ["a", "b", "c", "d"]) graph.output(name, "float32", undefined);
    const inlined = inlineConstantIfs(graph.build());
    const weight = nodeTexts(inlined)
      .at(-1)!
      .match(/\((.*)\)/)![1]!;
    expect(nodeTexts(inlined)).toEqual([
      "a = Neg(x)",
      "b = Identity(a)",
      "c = Identity(x)",
      `d = Identity(${weight})`,
    ]);
    expect(inlined.initializers.has(weight)).toBe(true);
    expect(validateGraph(inlined)).toEqual(inlined);
  });

  it("with other names where two branches use the same, also for what a subgraph takes from it", () => {
    const graph = graphBuilder("twice");
    graph.input("x", "float32", [3]);
    graph.initializer("flag", truth(true));
    graph.input("fed", "bool", []);
    const half = (from: string) =>
      branch((g) => {
        const inner = g.add("Exp", [from], {}, named("inner"));
        const last = branch((deep) => [deep.add("Neg", [inner], {}, { outputs: [`deep ${from}`] })]);
        return [g.add("If", ["fed"], { then_branch: last, else_branch: last }, { outputs: ["outer"] })];
      });
    const both = (from: string) => ({ then_branch: half(from), else_branch: half(from) });
    graph.add("If", ["flag"], both("x"), named("a"));
    graph.add("If", ["flag"], both("a"), named("y"));
    graph.output("y", "float32", undefined);
    const inlined = inlineConstantIfs(graph.build());
    expect(nodeTexts(inlined)).toEqual([
      "a/inner = Exp(x)",
      "a = If(fed)",
      "y/inner = Exp(a)",
      "y = If(fed)",
    ]);
    const deep = inlined.nodes[3]!.attributes.then_branch as { graph: Graph };
    expect(deep.graph.nodes[0]!.inputs).toEqual(["y/inner"]);
    expect(validateGraph(inlined)).toEqual(inlined);
  });
});

it("the outputs of an If are of the type and shape that both branches state", () => {
  const graph = graphBuilder("stated");
  graph.input("condition", "bool", []);
  const stating = (...dims: readonly (readonly Dim[] | undefined)[]) => {
    const inner = graphBuilder("branch");
    for (const [k, shape] of dims.entries()) inner.output(`${k}`, "float16", shape);
    return { graph: inner.build() };
  };
  const branches = {
    then_branch: stating(["n", 3], ["n"], undefined),
    else_branch: stating(["n", 4], ["n", 1], [2]),
  };
  graph.addMany("If", ["condition"], 3, branches, { outputs: ["a", "b", "c"] });
  const shapes = inferShapes(modelOf(graph.build()));
  expect(["a", "b", "c"].map((name) => shapes.get(name))).toEqual([
    { name: "a", dtype: "float16", dims: ["n", null] },
    { name: "b", dtype: "float16", dims: undefined },
    { name: "c", dtype: "float16", dims: undefined },
  ]);
});

it("an If whose condition is fed stays: the graph is the same object", () => {
  const graph = choosing((g) => g.input("condition", "bool", []));
  expect(inlineConstantIfs(graph)).toBe(graph);
});

describe("an If that is not sound is an error that names it", () => {
  const broken = (attributes: Record<string, Attribute>) => {
    const graph = graphBuilder("broken");
    graph.input("x", "float32", [3]);
    graph.initializer("flag", truth(false));
    graph.add("If", ["flag"], attributes, named("choice"));
    return () => inlineConstantIfs(graph.build());
  };
  it("without the branch", () => {
    expect(broken({})).toThrow(/If "choice" has no else_branch/);
  });
  it("with another number of outputs", () => {
    expect(broken({ else_branch: branch(() => ["x", "x"]) })).toThrow(
      /If "choice" has 1 outputs, its else_branch 2/,
    );
  });
});
