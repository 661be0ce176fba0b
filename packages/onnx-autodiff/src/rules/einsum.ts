import { elementAt } from "@voxplain/core";
import { einsumTerms, stringAttribute } from "@voxplain/onnx-graph";
import type { GradientRule, RuleContext } from "../rule.ts";

/** A value and the letters of its axes. */
interface Operand {
  readonly value: string;
  readonly term: string;
}

/** The cotangent of one operand is the product of dy and the other operands, with the letters of that operand. */
export const einsum: GradientRule = (g, [dy]) => {
  if (dy === undefined) return [];
  const equation = stringAttribute(g.node.attributes, "equation", "");
  const { inputs, output } = einsumTerms(
    equation,
    g.x.map((x) => g.dims(x).length),
  );
  const operands = g.x.map((value, k): Operand => ({ value, term: elementAt(inputs, k) }));
  return operands.map((operand, k) => {
    if (!g.wants(k)) return undefined;
    const others = operands.filter((_, other) => other !== k);
    return cotangentOf(g, operand, [{ value: dy, term: output }, ...others]);
  });
};

function cotangentOf(g: RuleContext, { value: x, term }: Operand, factors: readonly Operand[]): string {
  const dims = g.dims(x);
  // dy is no value of the forward graph; its axes are those of the output.
  const dimsOf = ({ value }: Operand, k: number) => g.dims(k === 0 ? g.y[0] : value);
  /** The lengths that an axis has in the factors. */
  const lengthsOf = (letter: string) =>
    factors.flatMap((factor, k) =>
      [...factor.term].flatMap((each, axis) => (each === letter ? [elementAt(dimsOf(factor, k), axis)] : [])),
    );
  const operands = [...factors];
  // What was summed over an axis of x alone goes to all of its elements.
  const isMissing = [...term].some(
    (letter, axis) => dims[axis] !== 1 && lengthsOf(letter).every((length) => length === 1),
  );
  if (isMissing) operands.push({ value: g.emit("Expand", [g.float(1), g.shapeOf(x)]), term });
  // A letter that stands twice takes a diagonal: there is nothing beside it.
  const taken = new Set([...factors.map((factor) => factor.term), term].join(""));
  const distinct = [...term].map((letter, axis) => {
    if (term.indexOf(letter) === axis) return letter;
    const fresh = [...letters].find((each) => !taken.has(each));
    const length = dims[axis];
    if (fresh === undefined) throw g.unsupported("its equation uses every letter");
    if (typeof length !== "number")
      throw g.unsupported(`the length of "${x}" along axis ${axis} is not fixed`);
    taken.add(fresh);
    operands.push({ value: identity(g, length), term: letter + fresh });
    return fresh;
  });
  const left = operands.map((operand) => operand.term).join(",");
  const product = g.emit(
    "Einsum",
    operands.map(({ value }) => value),
    { equation: `${left}->${distinct.join("")}` },
  );
  // An axis of length 1 meets longer ones of the same letter.
  const wide = [...term].map((letter, axis) => {
    const longer = lengthsOf(letter).find((length) => length !== 1);
    return dims[axis] === 1 && longer !== undefined ? longer : elementAt(dims, axis);
  });
  return g.unbroadcast(product, wide, x);
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

function identity(g: RuleContext, length: number): string {
  const elements = Array.from({ length: length * length }, (_, k) => Number(k % (length + 1) === 0));
  return g.float(elements, [length, length]);
}
