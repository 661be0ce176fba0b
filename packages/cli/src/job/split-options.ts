import type { Block } from "@voxplain/study";
import { InvalidArgumentError } from "commander";

/** A part of a job: the first of 16 is { index: 1, of: 16 }. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** Options that cut a job into pieces, or go on with one. What is computed does not depend on them. */
export interface SplitOptions {
  /** Goes on where the job stopped. */
  readonly resume: boolean;
  /** Computes a part. */
  readonly shard?: Shard;
  /** Takes a file of the same size and time for the same. */
  readonly trust_mtime: boolean;
  readonly break_lock: boolean;
  /** False with --no_fsync. */
  readonly no_fsync: boolean;
}

/** The names of these options, which are no part of what makes a result. */
export const splitOptionNames = ["resume", "shard", "trust_mtime", "break_lock", "no_fsync"] as const;

/** "2/16". */
export function shardOf(text: string): Shard {
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (index === undefined || !(shard.index >= 1 && shard.index <= shard.of)) {
    throw new InvalidArgumentError("It has to be i/n: part i, from 1 to n, of n parts, such as 2/16.");
  }
  return shard;
}

export function shardText({ index, of }: Shard): string {
  return `${index}/${of}`;
}

/** The blocks of a list that a shard computes: as many as the others, or one more or less. */
export function blocksOfShard(blocks: readonly Block[], shard: Shard | undefined): readonly Block[] {
  if (shard === undefined) return blocks;
  const edge = (index: number) => Math.floor((index * blocks.length) / shard.of);
  return blocks.slice(edge(shard.index - 1), edge(shard.index));
}
