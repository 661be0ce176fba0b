import type { Progress } from "@voxplain/group-analysis";
import type { EngineProgress } from "../engine/engine.ts";

/**
 * The progress of a comparison for people, with the time that is left.
 * @param now - In milliseconds.
 */
export function comparisonProgress(
  onProgress: (progress: EngineProgress) => void,
  now: () => number = () => performance.now(),
): (progress: Progress) => void {
  let first: { readonly done: number; readonly at: number } | undefined;
  return ({ phase, done, total }) => {
    if (phase === "maps" || total === undefined) {
      onProgress({
        step: `map ${done}${total === undefined ? "" : ` of ${total}`}`,
        fraction: undefined,
        secondsLeft: undefined,
      });
      return;
    }
    first ??= { done, at: now() };
    const perRelabelling = (now() - first.at) / 1000 / (done - first.done);
    const secondsLeft = done > first.done ? perRelabelling * (total - done) : undefined;
    onProgress({ step: `relabelling ${done} of ${total}`, fraction: done / total, secondsLeft });
  };
}
