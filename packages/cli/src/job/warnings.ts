import type { Progress } from "../progress.ts";

export interface Warnings {
  readonly list: readonly string[];
  add(warning: string): void;
}

/** Each warning is said once, and kept for the record. */
export function warningsOn(progress: Progress): Warnings {
  const list: string[] = [];
  return {
    list,
    add(warning) {
      if (list.includes(warning)) return;
      list.push(warning);
      progress.say(`warning: ${warning}`);
    },
  };
}
