import { type Recomposition, recomposition } from "@voxplain/saliency";

/** Maps put where their parts are, made when the first part comes; its memory is used again when it was cleared. */
export interface KeptRecomposition {
  /** undefined where nothing was added. */
  readonly used: Recomposition | undefined;
  /** The one that is in use, else one for images of this grid. */
  on(grid: readonly number[]): Recomposition;
  /** Forgets what was added. */
  clear(): void;
}

export function keptRecomposition(): KeptRecomposition {
  let kept: Recomposition | undefined;
  let used: Recomposition | undefined;
  let gridOfKept: readonly number[] = [];
  return {
    get used() {
      return used;
    },
    on(grid) {
      if (used !== undefined) return used;
      if (kept === undefined || gridOfKept.join() !== grid.join()) kept = recomposition(grid);
      gridOfKept = grid;
      used = kept;
      return kept;
    },
    clear() {
      used?.clear();
      used = undefined;
    },
  };
}
