import { compareGrids, describeMisfit, type ImageGrid } from "@voxplain/caps-io";
import { type Affine, VoxplainError } from "@voxplain/core";
import type { ExplainedImage } from "../explain/explained-image.ts";
import type { Plan } from "../plan/request.ts";
import { type MeanMaps, mapSum } from "./mean-maps.ts";

/** The mean of a cohort's maps. */
export interface GroupMap extends MeanMaps {
  /** Images that it is the mean of. */
  readonly count: number;
  /** Voxel indices to mm: that of the first image whose position is known; undefined where none is. */
  readonly affine: Affine | undefined;
}

/** Takes the maps of a cohort one by one; its memory is that of one image, however many are added. */
export interface GroupMaps {
  /** Images that were added. */
  readonly count: number;
  /**
   * Adds the maps of an image, unless `keepTrue` leaves it out.
   * @throws VoxplainError `mismatch` for another network, class, shape or position than those before.
   */
  add(image: ExplainedImage): void;
  /**
   * The mean of those that were added, in float64, in their order, rounded once.
   * @throws VoxplainError `not-found` when none was added.
   */
  mean(): GroupMap;
}

/** What the first image decides for all. */
interface Common extends ImageGrid {
  readonly target: number;
  readonly network: string;
}

/**
 * The mean of the maps of a plan. Images of unknown position are taken to be on the grid of the others; the plan warns of
 * them.
 */
export function groupMaps({ request }: Pick<Plan, "request">): GroupMaps {
  const sum = mapSum(request.throughNormalization ?? false);
  let common: Common | undefined;
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(image) {
      if (!image.isKept) return;
      const own = commonOf(image);
      if (common !== undefined) checkSame(common, own);
      sum.add(image);
      count++;
      if (common?.affine === undefined) common = own;
    },
    mean() {
      if (common === undefined) throw new VoxplainError("not-found", "there is no map to average");
      return { ...sum.mean(), count, affine: common.affine };
    },
  };
}

function commonOf({ session, affine, input: { grid }, target, task: { network } }: ExplainedImage): Common {
  return {
    name: session.name,
    ...(grid && { shape: grid }),
    ...(affine && { affine }),
    target,
    network: JSON.stringify([network.fold, network.selection]),
  };
}

function checkSame(common: Common, own: Common): void {
  if (own.target !== common.target || own.network !== common.network) {
    throw new VoxplainError(
      "mismatch",
      `${common.name} and ${own.name} were not explained in the same way: a mean needs one network and one class`,
    );
  }
  const { shape } = own;
  if (shape === undefined || !own.affine || !common.affine) return;
  if (compareGrids(own.affine, common.affine, shape) === "same") return;
  throw new VoxplainError(
    "mismatch",
    `${describeMisfit(own, common, shape)}: a mean map needs images on one grid`,
  );
}
