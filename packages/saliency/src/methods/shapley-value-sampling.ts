import { elementAt } from "@voxplain/core";
import type { AttributionMethod } from "../attribution.ts";
import { baselineFrom, baselineOptions } from "../baseline.ts";
import { chunkSizeOption } from "../chunks.ts";
import { defineMethod } from "../define-method.ts";
import { randomWords } from "../numerics/random.ts";
import { checkWhole, seedOption } from "../option-range.ts";
import { exactly } from "../passes.ts";
import { type RegionAttributionOptions, regionAttribution } from "../region-attribution.ts";
import { indexRegions, regionOptions } from "../regions.ts";

/** Options of Shapley value sampling. */
export interface ShapleyValueSamplingOptions extends RegionAttributionOptions {
  /** Orders in which regions are revealed; default 25. */
  readonly permutations?: number;
  /** Default 0. Every input gets the same orders. */
  readonly seed?: number;
}

/**
 * By how much the logit of the target rises on average when a region is revealed after those before it in a random
 * order, at each voxel of the region; 0 in the background, which is never hidden; [N, 1, ...spatial].
 * Orders are drawn independently of each other, as published, not in antithetic pairs. In each order, and so in the
 * mean, the regions' values add up to the logit of the input less that of the input with all regions hidden.
 * With at least M! `permutations` of M regions every order counts once, and the Shapley values are exact.
 * Castro, Gómez, Tejada 2009, doi:10.1016/j.cor.2008.04.004; Štrumbelj, Kononenko 2010, JMLR 11:1–18.
 * @throws VoxplainError `invalid-argument` for an option out of range; `mismatch` for labels on another grid.
 */
export function shapleyValueSampling(options: ShapleyValueSamplingOptions): AttributionMethod {
  const { permutations = 25, seed = 0 } = options;
  checkWhole("permutations", permutations, 1);
  checkWhole("seed", seed, 0);
  return regionAttribution(options, async (given, target) => {
    const { inputCount, regionCount: players } = given;
    const { classCount } = given.model;
    const logits = await given.logitsOfInputs();
    const values: Float64Array[] = [];
    for (let n = 0; n < inputCount; n++) {
      const game: Game = {
        players,
        everybody: elementAt(logits.data, n * classCount + target),
        eachWorth: (count, coalitionAt, read) =>
          given.eachCoalition({
            count,
            at: (variant) => ({ n, shown: coalitionAt(variant) }),
            read: ({ data }, row, variant) => read(elementAt(data, row * classCount + target), variant),
          }),
      };
      values.push(
        hasAllOrders(players, permutations)
          ? await overAllOrders(game)
          : await overRandomOrders(game, permutations, seed),
      );
    }
    return { values, logits };
  });
}

/** Regions as players, of whom those in a coalition are shown: what the logit then is. */
interface Game {
  readonly players: number;
  /** The worth of the coalition of all. */
  readonly everybody: number;
  /** Computes the worth of coalitions, 1 for each player in it, and gives them one by one, in order. */
  eachWorth(
    count: number,
    coalitionAt: (variant: number) => Uint8Array,
    read: (worth: number, variant: number) => void,
  ): Promise<void>;
}

function hasAllOrders(players: number, permutations: number): boolean {
  let orders = 1;
  for (let k = 2; k <= players && orders <= permutations; k++) orders *= k;
  return orders <= permutations;
}

/** One order after the other. The worth of the empty and of the full coalition does not depend on the order. */
async function overRandomOrders(
  { players, everybody, eachWorth }: Game,
  permutations: number,
  seed: number,
): Promise<Float64Array> {
  const sums = new Float64Array(players);
  const orderToShow = lastKept((sample) => drawOrder(players, seed, sample));
  const orderToRead = lastKept((sample) => drawOrder(players, seed, sample));
  const add = (player: number, rise: number) => {
    sums[player] = elementAt(sums, player) + rise;
  };
  let empty = 0;
  let before = 0;
  // Behind the empty coalition, each order's coalitions of 1 to all but one.
  const steps = players - 1;
  await eachWorth(
    1 + permutations * steps,
    (variant) => {
      const shown = new Uint8Array(players);
      if (variant === 0) return shown;
      const [sample, step] = [Math.floor((variant - 1) / steps), (variant - 1) % steps];
      for (const player of orderToShow(sample).subarray(0, step + 1)) shown[player] = 1;
      return shown;
    },
    (worth, variant) => {
      if (variant === 0) {
        empty = worth;
        return;
      }
      const [sample, step] = [Math.floor((variant - 1) / steps), (variant - 1) % steps];
      const order = orderToRead(sample);
      add(elementAt(order, step), worth - (step === 0 ? empty : before));
      before = worth;
      if (step === steps - 1) add(elementAt(order, steps), everybody - worth);
    },
  );
  return sums.map((sum) => sum / permutations);
}

/** What was made last: orders are asked for one after the other, each several times. */
function lastKept<Value>(make: (sample: number) => Value): (sample: number) => Value {
  let kept: { readonly sample: number; readonly value: Value } | undefined;
  return (sample) => {
    if (kept?.sample !== sample) kept = { sample, value: make(sample) };
    return kept.value;
  };
}

/** A shuffle (Fisher, Yates). */
function drawOrder(players: number, seed: number, sample: number): Uint32Array {
  const order = Uint32Array.from({ length: players }, (_, player) => player);
  for (const [k, word] of randomWords({ seed, sample, purpose: "permutation" }, players).entries()) {
    const other = k + Math.floor((word / 2 ** 32) * (players - k));
    const player = elementAt(order, k);
    order[k] = elementAt(order, other);
    order[other] = player;
  }
  return order;
}

/**
 * The mean over all orders by the worth of all coalitions, each computed once: s!·(M − 1 − s)! of the M! orders begin
 * with the s players of a coalition and reveal a certain player next.
 */
async function overAllOrders({ players, everybody, eachWorth }: Game): Promise<Float64Array> {
  const all = 2 ** players - 1;
  const worths = new Float64Array(all + 1);
  worths[all] = everybody;
  const membersOf = (coalition: number) =>
    Uint8Array.from({ length: players }, (_, player) => Math.floor(coalition / 2 ** player) % 2);
  await eachWorth(all, membersOf, (worth, coalition) => {
    worths[coalition] = worth;
  });
  const shares = new Float64Array(players);
  for (const [coalition, worth] of worths.entries()) {
    const members = membersOf(coalition);
    const others = members.reduce((sum, member) => sum + member, 0);
    const share = shareOfOrders(players, others);
    for (const [player, member] of members.entries()) {
      if (member === 1) continue;
      const joined = elementAt(worths, coalition + 2 ** player);
      shares[player] = elementAt(shares, player) + share * (joined - worth);
    }
  }
  return shares;
}

/** s!·(M − 1 − s)! / M!, which is 1 / (M · C(M − 1, s)). */
function shareOfOrders(players: number, others: number): number {
  let subsets = 1;
  for (let k = 1; k <= others; k++) subsets = (subsets * (players - k)) / k;
  return 1 / (players * subsets);
}

export const shapleyValueSamplingEntry = defineMethod({
  name: "shapley-value-sampling",
  title: "Shapley value sampling",
  summary: "each region's share of the logit: its mean rise when regions are revealed in random orders",
  paper:
    "Castro, Gómez, Tejada 2009, doi:10.1016/j.cor.2008.04.004 (feature mask: Štrumbelj, Kononenko 2010, JMLR 11)",
  needs: "forward",
  channels: "one",
  options: {
    ...regionOptions,
    permutations: {
      kind: "integer",
      default: 25,
      doc: "random orders in which regions are revealed; the result is exact with as many as there are orders",
    },
    ...seedOption,
    ...baselineOptions,
    ...chunkSizeOption,
  },
  // The input, the empty coalition, and the coalitions between them.
  passes({ labels, cell, permutations }, [, ...spatial]) {
    const players = indexRegions(labels ?? cell, spatial).labels.length;
    return exactly(hasAllOrders(players, permutations) ? 2 ** players : 2 + permutations * (players - 1));
  },
  create: ({ labels, cell, ...values }) =>
    shapleyValueSampling({ ...values, regions: labels ?? cell, baseline: baselineFrom(values) }),
});
