import { describe, expect, it } from "vitest";
import { decodeModel, encodeModel, inferShapes } from "../src/index.ts";
import type { Message } from "../src/protobuf.ts";
import { encodeMessage } from "../src/protobuf-writer.ts";
import { onnxSchema } from "../src/schema.ts";

const own = "com.example";

const node = (opType: string, input: string[], output: string[], rest: Message = {}): Message => ({
  opType,
  input,
  output,
  ...rest,
});
const call = (
  opType: string,
  input: string[],
  output: string[],
  attribute: Message[] = [],
  rest: Message = {},
) => node(opType, input, output, { domain: own, name: `my ${opType}`, attribute, ...rest });
const fn = (
  name: string,
  input: string[],
  output: string[],
  nodes: Message[],
  rest: Message = {},
): Message => ({
  ...{ name, input, output, node: nodes, domain: own },
  ...{ opsetImport: [{ domain: "", version: 17 }], ...rest },
});
const float = (name: string, value: number): Message => ({ name, float: value, type: 1 });
const reference = (name: string, to: string): Message => ({ name, reference: to, type: 1 });
const branch = (name: string, nodes: Message[], output: string): Message => ({
  name,
  graph: { node: nodes, output: [{ name: output }] },
  type: 5,
});

function decoded(nodes: Message[], functions: Message[], version = 17) {
  const value = (name: string): Message => ({
    ...{ name, type: { tensor: { elementType: 1, shape: { dim: [{ parameter: "n" }, { value: 2 }] } } } },
  });
  const bytes = encodeMessage(onnxSchema, "Model", {
    irVersion: 10,
    opsetImport: [
      { domain: "", version },
      { domain: own, version: 1 },
    ],
    graph: { node: nodes, input: [value("x")], output: [value("y")] },
    functions,
  });
  return decodeModel(bytes);
}

const written = (nodes: Message[], functions: Message[]) =>
  decoded(nodes, functions).graph.nodes.map(
    ({ opType, inputs, outputs }) => `${outputs.join()} = ${opType}(${inputs.join()})`,
  );

describe("functions of the file", () => {
  it("are inlined with the values of their call", () => {
    const twice = fn("Twice", ["a"], ["b"], [node("Add", ["a", "a"], ["b"])]);
    expect(written([call("Twice", ["x"], ["y"])], [twice])).toEqual(["y = Add(x,x)"]);
  });

  it("are inlined in each other, with names of their own for each call", () => {
    const twice = fn("Twice", ["a"], ["b"], [node("Neg", ["a"], ["m"]), node("Sub", ["a", "m"], ["b"])]);
    const fourfold = fn("Fourfold", ["a"], ["b"], [call("Twice", ["a"], ["m"]), call("Twice", ["m"], ["b"])]);
    expect(written([call("Fourfold", ["x"], ["y"])], [fourfold, twice])).toEqual([
      "my Fourfold/my Twice/m = Neg(x)",
      "my Fourfold/m = Sub(x,my Fourfold/my Twice/m)",
      "my Fourfold/my Twice/m_1 = Neg(my Fourfold/m)",
      "y = Sub(my Fourfold/m,my Fourfold/my Twice/m_1)",
    ]);
  });

  it("do not touch values of the graph that have the names of theirs", () => {
    const keep = fn("Keep", ["a"], ["b"], [node("Neg", ["a"], ["x"]), node("Neg", ["x"], ["b"])]);
    const nodes = [call("Keep", ["x"], ["z"]), node("Add", ["x", "z"], ["y"])];
    expect(written(nodes, [keep])).toEqual(["my Keep/x = Neg(x)", "z = Neg(my Keep/x)", "y = Add(x,z)"]);
  });

  it("give an input on, or one value twice", () => {
    const both = fn("Both", ["a"], ["a", "b", "b2"], [node("Neg", ["a"], ["b"]), node("Neg", ["b"], ["b2"])]);
    expect(written([call("Both", ["x"], ["same", "y", ""])], [both])).toEqual([
      "y = Neg(x)",
      "my Both/b2 = Neg(y)",
      "same = Identity(x)",
    ]);
  });

  it("leave inputs out that the call leaves out", () => {
    const clip = fn("Limit", ["a", "low", "high"], ["b"], [node("Clip", ["a", "low", "high"], ["b"])]);
    expect(decoded([call("Limit", ["x"], ["y"])], [clip]).graph.nodes[0]?.inputs).toEqual(["x", "", ""]);
  });

  it("take attributes from the call, else from their defaults, else from the operator", () => {
    const leak = fn(
      "Leak",
      ["a"],
      ["b"],
      [node("LeakyRelu", ["a"], ["b"], { attribute: [reference("alpha", "slope")] })],
    );
    const withDefault = { ...leak, attributeDefaults: [float("slope", 0.25)] };
    const alphaOf = (attribute: Message[], called: Message) =>
      decoded([call("Leak", ["x"], ["y"], attribute)], [called]).graph.nodes[0]?.attributes;
    expect(alphaOf([float("slope", 0.5)], withDefault)).toEqual({ alpha: { float: 0.5 } });
    expect(alphaOf([], withDefault)).toEqual({ alpha: { float: 0.25 } });
    expect(alphaOf([], leak)).toEqual({});
  });

  it("reach into subgraphs of their bodies, and stand in subgraphs themselves", () => {
    const leak = node("LeakyRelu", ["a"], ["inner"], { attribute: [reference("alpha", "slope")] });
    const either = fn(
      "Either",
      ["c", "a"],
      ["b"],
      [
        node("If", ["c"], ["b"], {
          attribute: [
            branch("then_branch", [leak], "inner"),
            branch("else_branch", [call("Flip", ["a"], ["inner"])], "inner"),
          ],
        }),
      ],
    );
    const flip = fn("Flip", ["a"], ["b"], [node("Neg", ["a"], ["b"])]);
    const condition = node("Less", ["x", "x"], ["c"]);
    const model = decoded(
      [condition, call("Either", ["c", "x"], ["y"], [float("slope", 0.5)])],
      [either, flip],
    );
    const { then_branch, else_branch } = model.graph.nodes[1]!.attributes as Record<string, never>;
    expect(then_branch).toMatchObject({
      graph: {
        nodes: [{ inputs: ["x"], attributes: { alpha: { float: 0.5 } } }],
        outputs: [{ name: "my Either/inner" }],
      },
    });
    expect(else_branch).toMatchObject({ graph: { nodes: [{ opType: "Neg", inputs: ["x"] }] } });
  });

  it("are distinguished by their overload", () => {
    const [a, b] = ["Neg", "Abs"].map((op) =>
      fn("F", ["a"], ["b"], [node(op, ["a"], ["b"])], { overload: op }),
    );
    expect(written([call("F", ["x"], ["y"], [], { overload: "Abs" })], [a!, b!])).toEqual(["y = Abs(x)"]);
  });

  it("are refused where they call themselves", () => {
    const endless = fn("F", ["a"], ["b"], [call("F", ["a"], ["b"])]);
    expect(() => decoded([call("F", ["x"], ["y"])], [endless])).toThrow(
      /function F of the file calls itself/,
    );
  });

  it("are refused where each calls the next twice, too often to be written out", () => {
    const names = Array.from({ length: 40 }, (_, k) => `F${k}`);
    const functions = names.map((name, k) => {
      const next = names[k + 1];
      const each = (from: string, to: string) =>
        next ? call(next, [from], [to]) : node("Neg", [from], [to]);
      return fn(name, ["a"], ["b"], [each("a", "m"), each("m", "b")]);
    });
    expect(() => decoded([call("F0", ["x"], ["y"])], functions)).toThrow(
      /too many nodes, .*: expected at most 25000, found/,
    );
  });

  it("are refused where an operator of theirs means something else in the operator set of the file", () => {
    const soft = fn("Soft", ["a"], ["b"], [node("Softmax", ["a"], ["b"])], {
      opsetImport: [{ domain: "", version: 12 }],
    });
    expect(() => decoded([call("Soft", ["x"], ["y"])], [soft])).toThrow(
      /of operator set 12, the file of 17, and Softmax/,
    );
    const plain = fn("Flip", ["a"], ["b"], [node("Neg", ["a"], ["b"])], {
      opsetImport: [{ domain: "", version: 12 }],
    });
    expect(written([call("Flip", ["x"], ["y"])], [plain])).toEqual(["y = Neg(x)"]);
  });
});

describe("types that the file leaves out", () => {
  const either = (nodes: (output: string) => Message[], prefix = "") =>
    node("If", ["c"], ["z"], {
      attribute: ["then_branch", "else_branch"].map((name) => {
        const output = `${prefix}${name}/z`;
        return branch(name, nodes(output), output);
      }),
    });

  it("are inferred for the outputs of branches", async () => {
    const nodes = [node("Less", ["x", "x"], ["c"]), either((z) => [node("Shape", ["x"], [z])])];
    const model = decoded(
      [...nodes, node("Cast", ["z"], ["y"], { attribute: [{ name: "to", int: 1, type: 2 }] })],
      [],
    );
    expect(model.graph.nodes[1]?.attributes.then_branch).toMatchObject({
      graph: { outputs: [{ name: "then_branch/z", dtype: "int64", dims: [2] }] },
    });
    expect(inferShapes(model).get("z")).toMatchObject({ dtype: "int64", dims: [2] });
    expect(decodeModel((await encodeModel(model)).proto).graph).toEqual(model.graph);
  });

  it("are inferred for branches in branches", () => {
    const nested = either((z) => [
      { ...either((inner) => [node("Shape", ["x"], [inner])], `${z}/`), output: [z] },
    ]);
    const nodes = [node("Less", ["x", "x"], ["c"]), nested];
    const model = decoded(
      [...nodes, node("Cast", ["z"], ["y"], { attribute: [{ name: "to", int: 1, type: 2 }] })],
      [],
    );
    expect(inferShapes(model).get("z")).toMatchObject({ dtype: "int64", dims: [2] });
  });
});
