import { elementAt, groupBy } from "@voxplain/core";
import type { Design } from "./design.ts";
import { randomBelow, randomWords } from "./random.ts";

/** Which row of the model each row of the data gets, and with which sign. */
export interface Relabelling {
  /** For each row of the data a row of the model. */
  readonly rowOf: Int32Array;
  /** For each row of the data 1 or −1. */
  readonly signs: Int8Array;
}

/** The relabellings of one test: all of them, or as many as are drawn. Plain data, so that it can be sent to workers. */
export interface Relabellings {
  /** How many. */
  readonly count: number;
  /** How many distinct ones exist; beyond 2^53 rounded, Infinity beyond 1.8e308. */
  readonly distinct: number;
  /** Whether they are all that exist, the unchanged one among them. */
  readonly exact: boolean;
  /** Seed of the generator; not used where all are enumerated. */
  readonly seed: number;
  /** Rows, by block; blocks that may change places stand in one class. */
  readonly classes: readonly RelabellingClass[];
  /** Whether blocks change places or signs. */
  readonly kind: "rows" | "signs";
  /** Rows of the data. */
  readonly rows: number;
}

/** Blocks of the same number of rows. */
export interface RelabellingClass {
  /** The rows of each block. */
  readonly blocks: readonly (readonly number[])[];
  /** For each block the number of its pattern: blocks with the same rows of the model have one. */
  readonly patterns: readonly number[];
  /** For each pattern a block that has it. */
  readonly exampleOf: readonly number[];
}

/**
 * How many distinct relabellings a design has: ∏ over block sizes of k! / ∏ mᵢ! with mᵢ the numbers of blocks with the same
 * rows of the model, or 2^blocks sign flips. Infinity beyond 1.8e308.
 */
export function countRelabellings(design: Design): number {
  const classes = classesOf(design);
  if (design.model.kind === "one-sample")
    return 2 ** classes.reduce((sum, { blocks }) => sum + blocks.length, 0);
  return Number(classes.reduce((product, { patterns }) => product * arrangements(countsOf(patterns)), 1n));
}

/**
 * All relabellings, if no more than `permutations` distinct ones exist; else so many, drawn independently and uniformly.
 * @param seed A whole number from 0; draws depend on it and on the relabelling's number only.
 */
export function relabellings(design: Design, permutations: number, seed = 0): Relabellings {
  const distinct = countRelabellings(design);
  const exact = distinct <= permutations;
  return {
    count: exact ? distinct : permutations,
    distinct,
    exact,
    seed,
    classes: classesOf(design),
    kind: design.model.kind === "one-sample" ? "signs" : "rows",
    rows: design.rows.length,
  };
}

/** The relabelling of a number from 0 to `count` − 1. */
export function relabellingAt(of: Relabellings, number: number): Relabelling {
  const rowOf = Int32Array.from({ length: of.rows }, (_, row) => row);
  const signs = new Int8Array(of.rows).fill(1);
  if (of.kind === "signs") flipSigns(of, number, signs);
  else if (of.exact) arrange(of.classes, number, rowOf);
  else shuffle(of, number, rowOf);
  return { rowOf, signs };
}

function flipSigns({ classes, exact, seed }: Relabellings, number: number, signs: Int8Array): void {
  const next = randomWords(seed, number);
  let rest = number;
  for (const { blocks } of classes) {
    for (const rows of blocks) {
      const flip = exact ? rest % 2 === 1 : next() >= 2 ** 31;
      rest = Math.floor(rest / 2);
      if (flip) for (const row of rows) signs[row] = -1;
    }
  }
}

function shuffle({ classes, seed }: Relabellings, number: number, rowOf: Int32Array): void {
  const next = randomWords(seed, number);
  for (const { blocks } of classes) {
    const order = blocks.map((_, k) => k);
    for (let k = order.length - 1; k > 0; k--) {
      const other = randomBelow(next, k + 1);
      [order[k], order[other]] = [elementAt(order, other), elementAt(order, k)];
    }
    blocks.forEach((rows, k) => {
      rows.forEach((row, within) => {
        rowOf[row] = elementAt(elementAt(blocks, elementAt(order, k)), within);
      });
    });
  }
}

/** The arrangement of a number in the order of a dictionary, the first class changing fastest. */
function arrange(classes: readonly RelabellingClass[], number: number, rowOf: Int32Array): void {
  let rest = BigInt(number);
  for (const { blocks, patterns, exampleOf } of classes) {
    const counts = countsOf(patterns);
    const total = arrangements(counts);
    let rank = rest % total;
    rest /= total;
    blocks.forEach((rows) => {
      let pattern = 0;
      for (; ; pattern++) {
        if (counts[pattern] === 0) continue;
        const count = elementAt(counts, pattern);
        counts[pattern] = count - 1;
        const below = arrangements(counts);
        if (rank < below) break;
        rank -= below;
        counts[pattern] = count;
      }
      rows.forEach((row, within) => {
        rowOf[row] = elementAt(elementAt(blocks, elementAt(exampleOf, pattern)), within);
      });
    });
  }
}

function classesOf({ blocks, rows, model }: Design): RelabellingClass[] {
  const all = [...groupBy(blocks.keys(), (row) => blocks[row]).values()];
  const sizes = [...new Set(all.map(({ length }) => length))].sort((a, b) => a - b);
  return sizes.map((size) => {
    const found = all.filter(({ length }) => length === size);
    const numbers = new Map<string, number>();
    const exampleOf: number[] = [];
    const patterns = found.map((members, k) => {
      const pattern = JSON.stringify(
        members.map((row) => [model.x[row], ...elementAt(rows, row).covariates]),
      );
      const known = numbers.get(pattern);
      if (known !== undefined) return known;
      const number = numbers.size;
      numbers.set(pattern, number);
      exampleOf.push(k);
      return number;
    });
    return { blocks: found, patterns, exampleOf };
  });
}

function countsOf(patterns: readonly number[]): number[] {
  const counts: number[] = [];
  for (const pattern of patterns) counts[pattern] = (counts[pattern] ?? 0) + 1;
  return counts;
}

/** k! / ∏ mᵢ!, as a product of binomial coefficients. */
function arrangements(counts: readonly number[]): bigint {
  let result = 1n;
  let placed = 0n;
  for (const count of counts) {
    for (let k = 1n; k <= BigInt(count); k++) {
      placed++;
      result = (result * placed) / k;
    }
  }
  return result;
}
