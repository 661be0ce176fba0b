import type { Session } from "@voxplain/caps-io";
import type { Task } from "../plan/request.ts";

/** A list has no more blocks than these, whatever its length: each keeps a sum of maps. */
const mostBlocks = 64;

/** How many sessions of a list make a block: 1 up to 64 sessions, 16 of 1,000. */
export function blockLength(count: number): number {
  return Math.max(1, Math.ceil(count / mostBlocks));
}

/** Sessions that follow one another in a list. */
export interface Block {
  /** Among the blocks of the list, from 0. */
  readonly index: number;
  /** The place of its first session in the list. */
  readonly start: number;
  /** Behind the place of its last session. */
  readonly end: number;
}

/**
 * The blocks of a list, a function of its length alone. They are the units in which a cohort is split, and in which maps are summed: a sum
 * is made of the sums of its blocks in their order, so that it does not depend on where, and in how many pieces, they were computed.
 */
export function blocksOf({
  sessions: { length },
}: {
  readonly sessions: Pick<Task["sessions"], "length">;
}): readonly Block[] {
  const size = blockLength(length);
  return Array.from({ length: Math.ceil(length / size) }, (_, index) => ({
    index,
    start: index * size,
    end: Math.min(length, (index + 1) * size),
  }));
}

/** Finds the place of sessions in the list of a task. */
export function placesIn({ sessions }: Pick<Task, "sessions">): (session: Session) => number {
  const places = new Map(sessions.map((session, index) => [session, index]));
  return (session) => {
    const place = places.get(session);
    if (place === undefined) throw new RangeError(`${session.name} is not in the list`);
    return place;
  };
}
