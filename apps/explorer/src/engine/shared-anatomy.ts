import type { Volume } from "@voxplain/core";

/** Gives the maps of one image one anatomy: in the memory of a page, each is as large as a map. */
export interface SharedAnatomy {
  /** The anatomy of the map before, where it is the same, voxel by voxel. */
  of(anatomy: Volume): Volume;
  forget(): void;
}

export function sharedAnatomy(): SharedAnatomy {
  let last: Volume | undefined;
  return {
    of(anatomy) {
      if (last === undefined || !isSame(last, anatomy)) last = anatomy;
      return last;
    },
    forget() {
      last = undefined;
    },
  };
}

function isSame(a: Volume, b: Volume): boolean {
  if (a.shape.join() !== b.shape.join() || a.affine.join() !== b.affine.join()) return false;
  for (let v = 0; v < a.data.length; v++) if (a.data[v] !== b.data[v]) return false;
  return true;
}
