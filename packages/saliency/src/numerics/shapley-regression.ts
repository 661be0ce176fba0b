import { elementAt } from "@voxplain/core";
import type { Coalitions } from "./shapley-coalitions.ts";
import { addRun, minusProducts } from "./vectors.ts";

/**
 * The values φ, one for each player, that minimize Σ weight · (value(coalition) − empty − Σ φ of its members)²
 * and add up to everybody − empty: the last player's is what the others leave, and theirs solve the normal
 * equations. Lundberg, Lee 2017, arXiv:1705.07874.
 * @param pause - Lets other events be handled between rows of the equations, which are as many as players.
 */
export async function shapleyRegression(
  { members, weights }: Coalitions,
  values: ArrayLike<number>,
  empty: number,
  everybody: number,
  players: number,
  pause: () => Promise<void>,
): Promise<Float64Array> {
  const free = players - 1;
  const whole = everybody - empty;
  const rows = Array.from({ length: free }, () => new Float64Array(free));
  const right = new Float64Array(free);
  for (const [k, coalition] of members.entries()) {
    await pause();
    const last = elementAt(coalition, free);
    const rest = elementAt(values, k) - empty - last * whole;
    const weight = elementAt(weights, k);
    const others = Float64Array.from(coalition.subarray(0, free), (member) => member - last);
    addRun(right, 0, others, 0, free, weight * rest);
    for (const [i, row] of rows.entries()) {
      const x = weight * elementAt(others, i);
      if (x !== 0) addRun(row, 0, others, 0, i + 1, x);
    }
  }
  const solution = await solveCholesky(rows, right, pause);
  const sum = solution.reduce((total, value) => total + value, 0);
  return Float64Array.of(...solution, whole - sum);
}

/** Solves A·x = b for a positive definite A, of which the lower triangle is given by rows and overwritten. */
async function solveCholesky(
  rows: readonly Float64Array[],
  right: Float64Array,
  pause: () => Promise<void>,
): Promise<Float64Array> {
  for (const [i, row] of rows.entries()) {
    await pause();
    for (const [j, other] of rows.slice(0, i).entries()) {
      row[j] = minusProducts(elementAt(row, j), row, other, j) / elementAt(other, j);
    }
    row[i] = Math.sqrt(minusProducts(elementAt(row, i), row, row, i));
  }
  const x = right.slice();
  for (const [i, row] of rows.entries()) {
    x[i] = minusProducts(elementAt(x, i), row, x, i) / elementAt(row, i);
  }
  for (const [i, row] of [...rows.entries()].reverse()) {
    const value = elementAt(x, i) / elementAt(row, i);
    x[i] = value;
    // What it takes from the unknowns before it.
    addRun(x, 0, row, 0, i, -value);
  }
  return x;
}
