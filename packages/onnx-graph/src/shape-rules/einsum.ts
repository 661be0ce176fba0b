import { elementAt } from "@voxplain/core";
import { stringAttribute } from "../builder.ts";
import type { Dim } from "../model.ts";
import { type ShapeRule, typeOf, unknownLike } from "./known.ts";
import { unified } from "./lengths.ts";

/** An equation of Einsum with one letter for each axis of each operand, and of the output. */
export interface EinsumTerms {
  /** Letters of each operand's axes. */
  readonly inputs: readonly string[];
  /** Letters of the result's axes. */
  readonly output: string;
}

/**
 * Reads the equation of an Einsum. "..." becomes letters that the equation does not use, the last axis
 * of each "..." the same one. Without "->" the output has the axes of "...", and then the letters that
 * stand once, in alphabetical order.
 * @param ranks how many axes each operand has.
 * @throws RangeError where the equation is not one, or does not describe the operands.
 */
export function einsumTerms(equation: string, ranks: readonly number[]): EinsumTerms {
  const [left = "", right, ...more] = equation.replaceAll(" ", "").split("->");
  const terms = left.split(",");
  if (more.length > 0 || terms.length !== ranks.length) {
    throw new RangeError(`the equation "${equation}" has ${terms.length} terms for ${ranks.length} inputs`);
  }
  const hidden = terms.map((term, k) => {
    const rest = elementAt(ranks, k) - lettersOf(term, equation).length;
    if (rest < 0 || (rest > 0 && !term.includes("..."))) {
      throw new RangeError(`"${term}" of the equation does not describe ${ranks[k]} axes`);
    }
    return rest;
  });
  const most = Math.max(0, ...hidden);
  const free = alphabet.filter((letter) => !equation.includes(letter)).slice(0, most);
  if (free.length < most) throw new RangeError(`the equation "${equation}" leaves no letters for "..."`);
  const filled = (term: string, count: number) => term.replace("...", free.slice(most - count).join(""));
  const inputs = terms.map((term, k) => filled(term, elementAt(hidden, k)));
  const output = right === undefined ? free.join("") + implied(left) : filled(right, most);
  const letters = lettersOf(right ?? "", equation);
  const wrong = letters.find((letter, k) => !left.includes(letter) || letters.indexOf(letter) !== k);
  if (wrong !== undefined) {
    throw new RangeError(
      `"${wrong}" of the output of "${equation}" should stand once there, and in an input`,
    );
  }
  return { inputs, output };
}

const alphabet = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];

function lettersOf(term: string, equation: string): string[] {
  const letters = term.replace("...", "");
  if (!/^[A-Za-z]*$/.test(letters)) throw new RangeError(`"${equation}" is not an equation of Einsum`);
  return [...letters];
}

function implied(left: string): string {
  const letters = [...left.replace(/[.,]/g, "")];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
  return once.sort().join("");
}

export const einsum: ShapeRule = ({ inputs, node }) => {
  const shapes = inputs.flatMap((input) => (input?.dims === undefined ? [] : [input.dims]));
  if (shapes.length < inputs.length) return [unknownLike(inputs[0])];
  const terms = einsumTerms(
    stringAttribute(node.attributes, "equation", ""),
    shapes.map((dims) => dims.length),
  );
  const lengths = new Map<string, Dim>();
  for (const [k, term] of terms.inputs.entries()) {
    for (const [axis, letter] of [...term].entries()) {
      const [known, own] = [lengths.get(letter) ?? 1, elementAt(elementAt(shapes, k), axis)];
      // An axis of length 1 is broadcast.
      const length = known === 1 ? own : own === 1 ? known : unified(known, own, `axes "${letter}"`);
      lengths.set(letter, length);
    }
  }
  return [{ dtype: typeOf(inputs[0]), dims: [...terms.output].map((letter) => lengths.get(letter) ?? null) }];
};
