import type { Coalitions } from "./shapley-coalitions.ts";

/**
 * The values φ, one for each player, that minimise Σ weight · (value(coalition) − nobody − Σ φ of its members)²
 * and add up to everybody − nobody: the last player's is what the others leave, and theirs solve the normal
 * equations. Lundberg, Lee 2017, arXiv:1705.07874.
 * @param pause - Lets other events be handled between rows of the equations, which are as many as players.
 */
export async function shapleyRegression(
  { members, weights }: Coalitions,
  values: ArrayLike<number>,
  nobody: number,
  everybody: number,
  players: number,
  pause: () => Promise<void>,
): Promise<Float64Array> {
  const free = players - 1;
  const whole = everybody - nobody;
  const matrix = Array.from({ length: free }, () => new Float64Array(free));
  const right = new Float64Array(free);
  for (const [k, coalition] of members.entries()) {
    await pause();
    const last = coalition[free]!;
    const rest = values[k]! - nobody - last * whole;
    for (let i = 0; i < free; i++) {
      const x = weights[k]! * (coalition[i]! - last);
      if (x === 0) continue;
      right[i]! += x * rest;
      for (let j = 0; j <= i; j++) matrix[i]![j]! += x * (coalition[j]! - last);
    }
  }
  const solution = await solveCholesky(matrix, right, pause);
  const sum = solution.reduce((total, value) => total + value, 0);
  return Float64Array.of(...solution, whole - sum);
}

/** Solves A·x = b for a positive definite A, of which the lower triangle is given and overwritten. */
async function solveCholesky(
  lower: Float64Array[],
  right: Float64Array,
  pause: () => Promise<void>,
): Promise<Float64Array> {
  const n = right.length;
  for (let i = 0; i < n; i++) {
    await pause();
    for (let j = 0; j <= i; j++) {
      let value = lower[i]![j]!;
      for (let k = 0; k < j; k++) value -= lower[i]![k]! * lower[j]![k]!;
      lower[i]![j] = i === j ? Math.sqrt(value) : value / lower[j]![j]!;
    }
  }
  const x = right.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= lower[i]![k]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= lower[k]![i]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  return x;
}
