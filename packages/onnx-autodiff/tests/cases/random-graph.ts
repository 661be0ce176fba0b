import { intAttribute } from "@voxplain/onnx-graph";
import { uniform } from "../../../../tests/random.ts";
import { count } from "../interpreter/array.ts";
import { evaluate } from "../interpreter/evaluate.ts";
import { buildCase, type CaseGraph, type GradientCase } from "./case.ts";
import { gradientCases } from "./index.ts";

/** A case, and what a graph needs to know to put it behind another. */
interface Piece {
  readonly gradientCase: GradientCase;
  readonly opTypes: ReadonlySet<string>;
  /** Elements of its output. */
  readonly elements: number;
}

const inHand = 4;

/**
 * Graphs that put the cases of four operators after one another, such that for each seed every operator
 * that has a case occurs: its case is drawn among those that use it, and the hands are dealt at random.
 */
export function randomGraphs(seeds: readonly number[]): readonly GradientCase[] {
  const pieces = gradientCases.map(pieceOf).filter((piece) => piece !== undefined);
  return seeds.flatMap((seed) => dealt(pieces, seed));
}

function dealt(pieces: readonly Piece[], seed: number): readonly GradientCase[] {
  const random = uniform(seed);
  const opTypes = [...new Set(pieces.flatMap((piece) => [...piece.opTypes]))].sort();
  const drawn = shuffled(opTypes, random).map((opType) => {
    const able = pieces.filter((piece) => piece.opTypes.has(opType));
    return able[Math.floor(random() * able.length)]!;
  });
  // A graph is of one operator set.
  const opsets = [...new Set(drawn.map(({ gradientCase }) => gradientCase.opset ?? 17))].sort();
  return opsets.flatMap((opset) => {
    const deck = drawn.filter(({ gradientCase }) => (gradientCase.opset ?? 17) === opset);
    const hands = Array.from({ length: Math.ceil(deck.length / inHand) }, (_, k) =>
      deck.slice(k * inHand, (k + 1) * inHand),
    );
    return hands.map((hand, k) => chained(hand, opset, `graph ${seed}-${opset}-${k}`, seed + k));
  });
}

function pieceOf(gradientCase: GradientCase): Piece | undefined {
  const { model, inputs } = buildCase(gradientCase, "float64");
  const { nodes } = model.graph;
  // ONNX Runtime states a shape with windows in the padding that it does not compute then.
  if (nodes.some(({ attributes }) => intAttribute(attributes, "ceil_mode", 0) === 1)) return undefined;
  const output = evaluate(model, inputs).get("out")!;
  const opTypes = new Set(nodes.map(({ opType }) => opType));
  return output.data.length === 0 ? undefined : { gradientCase, opTypes, elements: output.data.length };
}

function shuffled<T>(values: readonly T[], random: () => number): readonly T[] {
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

function chained(hand: readonly Piece[], opset: number, name: string, seed: number): GradientCase {
  return {
    name: `${name}: ${hand.map(({ gradientCase }) => gradientCase.name).join(" → ")}`,
    opset,
    inputs: [["2n", 3, 4]],
    build(g, [x]) {
      const random = uniform(seed);
      let value = g.node("Reshape", [x!, g.int64([-1])]);
      let elements = 24;
      for (const { gradientCase, elements: after } of hand) {
        const calm = bounded(g, value);
        const inputs = gradientCase.inputs.map((dims) => {
          const lengths = dims.map((length) => (length === "2n" ? 2 : length));
          const spread = spreadOut(g, calm, elements, count(lengths), random);
          const kind = gradientCase.positive ? aboveZero(g, spread) : spread;
          return g.node("Reshape", [kind, g.int64(lengths)]);
        });
        value = g.node("Reshape", [gradientCase.build(g, inputs), g.int64([-1])]);
        elements = after;
      }
      return g.node("MatMul", [bounded(g, value), g.weight([elements, 2])]);
    },
  };
}

/** x / √(1 + x²): between −1 and 1, and smooth. */
function bounded(g: CaseGraph, x: string): string {
  return g.node("Div", [x, g.node("Sqrt", [g.node("Add", [g.node("Mul", [x, x]), g.floats([1], [])])])]);
}

function aboveZero(g: CaseGraph, x: string): string {
  return g.node("Add", [g.node("Exp", [x]), g.floats([0.25], [])]);
}

/** Some elements, or all, some of them several times; scaled and moved, so that no two are the same. */
function spreadOut(g: CaseGraph, x: string, from: number, to: number, random: () => number): string {
  const indices = Array.from({ length: to }, () => Math.floor(random() * from));
  const taken = g.node("Gather", [x, g.int64(indices)]);
  return g.node("Add", [g.node("Mul", [taken, g.weight([to])]), g.weight([to])]);
}
