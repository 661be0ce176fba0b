import { allSteps, elementAt, type Steps, VoxplainError } from "@voxplain/core";
import { type RandomStream, randomWords } from "./random.ts";

/** Some coalitions of players, neither the empty nor the full one, and how much each counts. */
export interface Coalitions {
  /** For each coalition, 1 for each player in it. */
  readonly members: readonly Uint8Array[];
  readonly weights: readonly number[];
}

/**
 * At most `samples` coalitions of `players` with the weights of the Shapley kernel,
 * (M − 1) / (C(M, s) · s · (M − s)) for s of M players: all of the sizes s and M − s, from s = 1 on, as long as they
 * fit, and for the rest pairs of a drawn coalition and its complement, which share the weight that is left.
 * Lundberg, Lee 2017, arXiv:1705.07874; Covert, Lee 2021, arXiv:2012.01536 (pairs).
 * @throws VoxplainError `invalid-argument` when not even those of one player fit.
 */
export function chooseCoalitions(players: number, samples: number, seed: number): Coalitions {
  return allSteps(coalitionSteps(players, samples, seed));
}

/** The same, to be interrupted between coalitions. */
export function* coalitionSteps(players: number, samples: number, seed: number): Steps<Coalitions> {
  const needed = players <= 2 ? (players - 1) * 2 : 2 * players;
  if (samples < needed) {
    throw new VoxplainError("invalid-argument", `too few samples for ${players} regions`, {
      expected: `at least ${needed}`,
      found: `${samples}`,
    });
  }
  const found = new Map<string, { readonly members: Uint8Array; weight: number }>();
  const add = (members: Uint8Array, weight: number) => {
    const known = found.get(members.join(""));
    if (known) known.weight += weight;
    else found.set(members.join(""), { members, weight });
  };
  let left = samples;
  let size = 1;
  for (; size <= players / 2; size++) {
    const count = binomial(players, size);
    const withComplements = size * 2 === players ? count : count * 2;
    if (withComplements > left) break;
    for (const members of subsets(players, size)) {
      yield;
      add(members, sizeWeight(players, size) / count);
      if (size * 2 < players) add(complement(members), sizeWeight(players, size) / count);
    }
    left -= withComplements;
  }
  const sizes = Array.from({ length: Math.max(0, players - 2 * size + 1) }, (_, k) => size + k);
  const rest = sizes.reduce((sum, s) => sum + sizeWeight(players, s), 0);
  const pairs = rest > 0 ? Math.floor(left / 2) : 0;
  for (let pair = 0; pair < pairs; pair++) {
    const members = draw(players, sizes, rest, { seed, sample: pair, purpose: "coalition" });
    yield;
    add(members, rest / pairs / 2);
    add(complement(members), rest / pairs / 2);
  }
  const chosen = [...found.values()];
  return { members: chosen.map(({ members }) => members), weights: chosen.map(({ weight }) => weight) };
}

/** What all coalitions of a size weigh together, up to a factor. */
function sizeWeight(players: number, size: number): number {
  return (players - 1) / (size * (players - size));
}

function binomial(n: number, k: number): number {
  let value = 1;
  for (let j = 1; j <= k; j++) value = (value * (n - k + j)) / j;
  return Math.round(value);
}

/** Subsets of a size in lexicographic order. */
function* subsets(players: number, size: number): Generator<Uint8Array> {
  const chosen = Array.from({ length: size }, (_, k) => k);
  for (;;) {
    const members = new Uint8Array(players);
    for (const player of chosen) members[player] = 1;
    yield members;
    let last = size - 1;
    while (last >= 0 && chosen[last] === players - size + last) last--;
    if (last < 0) return;
    const next = elementAt(chosen, last) + 1;
    for (let k = last; k < size; k++) chosen[k] = next + k - last;
  }
}

function complement(members: Uint8Array): Uint8Array {
  return members.map((member) => 1 - member);
}

/** A size by its weight, then that many players: the first steps of a shuffle (Fisher, Yates). */
function draw(players: number, sizes: readonly number[], total: number, stream: RandomStream): Uint8Array {
  const [first = 0, ...words] = randomWords(stream, players + 1);
  let left = (first / 2 ** 32) * total;
  // Rounding may leave something beyond the last size.
  const size =
    sizes.find((s) => {
      left -= sizeWeight(players, s);
      return left < 0;
    }) ?? elementAt(sizes, sizes.length - 1);
  const order = Array.from({ length: players }, (_, player) => player);
  const members = new Uint8Array(players);
  for (const [k, word] of words.slice(0, size).entries()) {
    const other = k + Math.floor((word / 2 ** 32) * (players - k));
    const player = elementAt(order, other);
    order[other] = elementAt(order, k);
    order[k] = player;
    members[player] = 1;
  }
  return members;
}
