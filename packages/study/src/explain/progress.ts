import type { Session } from "@voxplain/caps-io";
import type { Task } from "../plan/request.ts";

/** Where a job is. */
export interface Progress {
  /** Inputs that went through the network. */
  readonly passes: number;
  /** How many will have at the end; undefined where that is not known yet. */
  readonly expected: number | undefined;
  /** Images that are done. */
  readonly index: number;
  /** Images in all. */
  readonly count: number;
  /** The image that was finished last. */
  readonly session: Session | undefined;
}

/** Counts the passes and images of a task. */
export interface ProgressCount {
  pass(inputs: number): void;
  /** An image is done. */
  image(session: Session): void;
  /** An image cannot be used. */
  leftOut(): void;
}

/** Calls back at each pass and each image. */
export function progressOf(
  { images: { length }, passes: each, partCount }: Task,
  callback: ((progress: Progress) => void) | undefined,
): ProgressCount {
  const most = each === undefined || partCount === undefined ? undefined : each.most * partCount;
  let count = length;
  let passes = 0;
  let index = 0;
  let session: Session | undefined;
  const report = () => {
    // What takes fewer passes than it may is counted as what it took once it is done.
    const expected =
      most === undefined
        ? undefined
        : Math.max(passes, Math.min(most * count, passes + most * (count - index)));
    callback?.({ passes, expected, index, count, session });
  };
  return {
    pass(inputs) {
      passes += inputs;
      report();
    },
    image(done) {
      index++;
      session = done;
      report();
    },
    leftOut() {
      count--;
      report();
    },
  };
}
