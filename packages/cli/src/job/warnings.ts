import type { PredictedImage } from "@voxplain/study";
import type { Progress } from "../progress.ts";

export interface Warnings {
  readonly list: readonly string[];
  add(warning: string): void;
}

/** Each warning is said once, and kept for the record. */
export function warningsOn(progress: Progress): Warnings {
  const list: string[] = [];
  const said = new Set<string>();
  return {
    list,
    add(warning) {
      if (said.has(warning)) return;
      said.add(warning);
      list.push(warning);
      progress.say(`warning: ${warning}`);
    },
  };
}

/** The warnings about an image and its parts; what their maps have in common is said once for all images. */
export function sentencesOf({ input, parts }: PredictedImage): readonly string[] {
  return [...input.warnings, ...parts.flatMap(({ part }) => part.warnings)];
}
