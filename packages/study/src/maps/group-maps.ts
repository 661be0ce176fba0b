import { compareGrids, describeMisfit, type ImageGrid } from "@voxplain/caps-io";
import { type Affine, VoxplainError } from "@voxplain/core";
import type { ExplainedImage } from "../explain/explained-image.ts";
import { blockLength, placesIn } from "../finished/blocks.ts";
import type { Plan, Task } from "../plan/request.ts";
import { type MapSums, type MeanMaps, mapSum, sumsOfImages } from "./mean-maps.ts";

/** The mean of a cohort's maps. */
export interface GroupMap extends MeanMaps {
  /** Images that it is the mean of. */
  readonly count: number;
  /** Voxel indices to mm: that of the first image whose position is known; undefined where none is. */
  readonly affine: Affine | undefined;
}

/** The maps of one image, or of a block of a list, added up, as data. */
export interface GroupSums extends MapSums {
  /** Images whose maps they are. */
  readonly count: number;
  /** What all of them have in common. */
  readonly common: GroupCommon;
}

/** Takes the maps of a cohort one by one; its memory is that of two images, however many are added. */
export interface GroupMaps {
  /** Images that were added. */
  readonly count: number;
  /** Whether it holds the sums of one block at a time, and no mean. */
  readonly isOfBlocks: boolean;
  /**
   * Adds the maps of an image, unless `keepTrue` leaves it out.
   * @throws VoxplainError `mismatch` for another network, class, shape or position than those before.
   */
  add(image: ExplainedImage): void;
  /**
   * Adds sums of before. Those of images of a block are added up by themselves; those of a whole block are added to what was before.
   * @param block - The block that an image belongs to; "whole" for the sums of a whole one.
   * @throws VoxplainError as `add`.
   */
  addSums(sums: GroupSums, block: number | "whole"): void;
  /** The sums of a block, as long as it is the one that was added to last: views, which the next addition changes. */
  blockSums(block: number): GroupSums | undefined;
  /**
   * The mean of those that were added, rounded once: in float64, the images of a block in their order, then the blocks in theirs.
   * @throws VoxplainError `not-found` when none was added; `invalid-argument` where only sums of blocks are held.
   */
  mean(): GroupMap;
}

/** What the first image decides for all. */
export interface GroupCommon extends ImageGrid {
  /** The class whose logit is explained. */
  readonly target: number;
  /** Which network, as text. */
  readonly network: string;
}

/** What is summed. */
export interface GroupMapsOptions {
  /** Forgets the sums of a block when the next one begins: its memory is that of one image less. Default: false. */
  readonly onlyBlocks?: boolean;
}

/**
 * The mean of the maps of a plan. Images of unknown position are taken to be on the grid of the others; the plan warns of
 * them.
 */
export function groupMaps(
  { request }: Pick<Plan, "request">,
  { onlyBlocks = false }: GroupMapsOptions = {},
): GroupMaps {
  const sumsOf = sessionSums(request);
  // Memory of the sums of a block is used for the next one: engines free large arrays late.
  const [total, ofBlock] = [mapSum(), mapSum()];
  let common: GroupCommon | undefined;
  let count = 0;
  let open: OpenBlock | undefined;
  const close = () => {
    if (open === undefined) return;
    if (!onlyBlocks) total.addSums(closed(open));
    ofBlock.clear();
    open = undefined;
  };
  const joins = (sums: GroupSums) => {
    if (common !== undefined) checkSame(common, sums.common);
    if (common?.affine === undefined) common = sums.common;
    count += sums.count;
  };
  const addSums: GroupMaps["addSums"] = (sums, block) => {
    if (block === "whole" || open?.block !== block) close();
    joins(sums);
    if (block === "whole") return onlyBlocks ? undefined : total.addSums(sums);
    open ??= { block, sums: ofBlock, count: 0, common: sums.common };
    open.sums.addSums(sums);
    open.count += sums.count;
    if (open.common.affine === undefined) open.common = sums.common;
  };
  const blockOf = blockFinder();
  return {
    get count() {
      return count;
    },
    isOfBlocks: onlyBlocks,
    add(image) {
      if (image.isKept) addSums(sumsOf(image), blockOf(image));
    },
    addSums,
    blockSums: (block) => (open?.block === block ? closed(open) : undefined),
    mean() {
      if (onlyBlocks) throw new VoxplainError("invalid-argument", "sums of blocks have no mean");
      close();
      if (common === undefined) throw new VoxplainError("not-found", "there is no map to average");
      return { ...total.mean(), count, affine: common.affine };
    },
  };
}

interface OpenBlock {
  readonly block: number;
  readonly sums: ReturnType<typeof mapSum>;
  count: number;
  common: GroupCommon;
}

const closed = ({ sums, count, common }: OpenBlock): GroupSums => ({ ...sums.sums(), count, common });

/** The maps of one image after the other, without a copy of a whole one: views, which the next image changes. */
export function sessionSums({
  throughNormalization = false,
}: Pick<Plan["request"], "throughNormalization">): (image: ExplainedImage) => GroupSums {
  const sumsOf = sumsOfImages(throughNormalization);
  return (image) => ({ ...sumsOf(image), count: 1, common: commonOf(image) });
}

/** The block of an image; "whole" where each image is a block of its own. */
function blockFinder(): (image: ExplainedImage) => number | "whole" {
  let known: { readonly task: Task; readonly placeOf: ReturnType<typeof placesIn> } | undefined;
  return ({ task, session }) => {
    const length = blockLength(task.sessions.length);
    if (length === 1) return "whole";
    if (known?.task !== task) known = { task, placeOf: placesIn(task) };
    return Math.floor(known.placeOf(session) / length);
  };
}

function commonOf({
  session,
  affine,
  input: { grid },
  target,
  task: { network },
}: ExplainedImage): GroupCommon {
  return {
    name: session.name,
    ...(grid && { shape: grid }),
    ...(affine && { affine }),
    target,
    network: JSON.stringify([network.fold, network.selection]),
  };
}

function checkSame(common: GroupCommon, own: GroupCommon): void {
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
