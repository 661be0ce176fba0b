import { isVoxplainError } from "@voxplain/core";
import type { EngineProgress, ExplorerImage, JobOptions } from "../engine/engine.ts";

/**
 * Takes one image after the other. One that fails does not stop the others: the reason is reported at the end.
 * @throws the first failure where all images fail, and whatever is no failure of an image.
 */
export async function forEachImage(
  images: readonly ExplorerImage[],
  { signal, onProgress }: Required<JobOptions>,
  work: (image: ExplorerImage, options: JobOptions) => Promise<void>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const left = timeLeft(images.length);
  for (const [index, image] of images.entries()) {
    const report = (progress: EngineProgress) =>
      onProgress({
        step: `${index + 1} of ${images.length}, ${image.name}: ${progress.step}`,
        fraction: (index + (progress.fraction ?? 0)) / images.length,
        secondsLeft: left(index, progress),
      });
    try {
      await work(image, { signal, onProgress: report });
    } catch (error) {
      if (signal.aborted || !isVoxplainError(error)) throw error;
      problems.push(`${image.name} was left out: ${error.message}`);
      if (problems.length === images.length) throw error;
    }
  }
  return problems;
}

/**
 * How long a cohort will take, from the images that are done; during the first, from its own estimate.
 * @param now - In milliseconds.
 */
export function timeLeft(count: number, now: () => number = () => performance.now()) {
  const started = now();
  return (index: number, { fraction, secondsLeft }: EngineProgress): number | undefined => {
    const seconds = (now() - started) / 1000;
    const done = index + (fraction ?? 0);
    if (index > 0) return (seconds / done) * (count - done);
    return secondsLeft === undefined ? undefined : (seconds + secondsLeft) * count - seconds;
  };
}
