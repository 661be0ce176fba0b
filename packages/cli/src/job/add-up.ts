import {
  blockLength,
  type FinishedSessions,
  type GroupMaps,
  type GroupSums,
  type KeptMemory,
} from "@voxplain/study";

/** Adds sums of sessions up in the order of their list, whether they are computed now or were before. */
export interface AddingUp {
  /** Adds the finished sessions before a place that were not added yet. */
  to(place: number): Promise<void>;
  /** Adds the session of a place, which is the next one. */
  add(place: number, sums: GroupSums): void;
  /** The session of a place has nothing to add. */
  pass(place: number): void;
}

/** @param start - The place of the first session that is added. */
export function addUpTo(group: GroupMaps, finished: FinishedSessions, start: number): AddingUp {
  const { blocks } = finished;
  const length = blockLength(blocks.at(-1)?.end ?? 0);
  const blockOf = (place: number) => (length === 1 ? "whole" : Math.floor(place / length));
  /** Given back when a session is computed: what is read is read before. */
  const memory: KeptMemory = new Map();
  let next = start;
  const add = (place: number, sums: GroupSums) => {
    group.addSums(sums, blockOf(place));
    next = place + 1;
  };
  return {
    async to(place) {
      while (next < place) {
        const block = blocks[Math.floor(next / length)];
        if (block !== undefined && length > 1 && block.start === next && finished.isClosed(block)) {
          // Its sums are complete.
          const sums = group.isOfBlocks ? undefined : await finished.sumsAt(next, memory);
          if (sums !== undefined) group.addSums(sums, "whole");
          next = block.end;
          continue;
        }
        const isComputed = finished.at(next)?.isComputed ?? false;
        const sums = isComputed ? await finished.sumsAt(next, memory) : undefined;
        if (sums !== undefined) add(next, sums);
        else next++;
      }
    },
    add(place, sums) {
      memory.clear();
      add(place, sums);
    },
    pass(place) {
      next = Math.max(next, place + 1);
    },
  };
}
