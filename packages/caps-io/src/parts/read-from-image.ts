import { elementAt, pauses, tensor, VoxplainError } from "@voxplain/core";
import type { ImagePaths } from "../caps/find-image.ts";
import { reducedAffine } from "../transforms/size-reduction.ts";
import { cutBox, cutRegion, regionRows } from "./cut.ts";
import { freeMemory } from "./free-memory.ts";
import { hippocampusParts } from "./hippocampi.ts";
import type { ImageInput } from "./image-input.ts";
import { gridOf, loadImage, naming, type StoredImage } from "./load-image.ts";
import type { CapsFiles } from "./located-image.ts";
import type { Part } from "./part.ts";
import { patchParts } from "./patches.ts";
import { checkMasks, regionParts } from "./region-masks.ts";
import type { PartSettings } from "./settings.ts";
import { sliceParts } from "./slices.ts";
import { type StoredPart, type TransformOptions, transformPart } from "./transform-part.ts";
import { wholeReduction } from "./whole-reduction.ts";

/** Reads the whole image once, a loop over it at a time; its parts are cut out of it when they are asked for. */
export async function readFromImage(
  located: CapsFiles,
  image: ImagePaths,
  options: TransformOptions,
): Promise<ImageInput> {
  const { session, caps, settings } = located;
  const pause = pauses(undefined);
  const stored = await loadImage(located, image);
  await pause();
  const reduction = await naming(located, image.path, async () => wholeReduction(settings, stored));
  const ofMasks = await naming(located, image.path, async () =>
    located.masks ? checkMasks(located.masks, { name: session.name, ...gridOf(stored) }) : [],
  );
  const parts = await naming(located, image.path, async () => partsOf(located, stored));
  return {
    session,
    source: caps,
    image,
    files: [image.path],
    grid: reduction?.size ?? stored.dims.slice(1),
    ...(reduction && { reduction }),
    ...(settings.mode !== "image" && {
      whole: tensor("float32", stored.dims, stored.data),
      extremes: stored.extremes,
    }),
    ...(stored.affine && { affine: reduction ? reducedAffine(stored.affine, reduction) : stored.affine }),
    ...(stored.affineError && { affineError: stored.affineError }),
    parts,
    warnings: [...located.warnings, ...stored.warnings, ...ofMasks],
    ...(settings.mode === "image"
      ? wholeReader(elementAt(parts, 0), stored, settings, options)
      : { read: partReader(located, parts, stored, options) }),
  };
}

/** The image itself is transformed once, where possible in place, and its stored values are let go. */
function wholeReader(
  whole: Part,
  stored: StoredImage,
  settings: PartSettings,
  options: TransformOptions,
): Pick<ImageInput, "read" | "release"> {
  const { warnings: _, ...values } = stored;
  const part = transformPart(whole, values, settings, options);
  const { buffer } = part.input.data;
  const isOwn = stored.owned || buffer !== stored.data.buffer;
  const isAlone = buffer !== part.original?.data.buffer;
  return {
    read: async (index) => {
      partAt([whole], index);
      return part;
    },
    ...(isOwn && isAlone && { release: () => freeMemory(buffer) }),
  };
}

function partReader(
  located: CapsFiles,
  parts: readonly Part[],
  stored: StoredImage,
  options: TransformOptions,
): ImageInput["read"] {
  const { settings } = located;
  const normalize = options.normalize || extractionNormalizes(located);
  return async (index) => {
    const part = partAt(parts, index);
    return transformPart(part, cut(located, stored, part), settings, { ...options, normalize });
  };
}

/** ClinicaDL 0.2 normalizes the slices that it extracts: a model of extracted ones has seen no others. */
function extractionNormalizes({ settings, images }: Pick<CapsFiles, "settings" | "images">): boolean {
  return settings.mode === "slice" && settings.extracted && images.generation !== "1.x";
}

export function partAt(parts: readonly Part[], index: number): Part {
  const part = parts[index];
  if (part === undefined) throw new RangeError(`there is no part ${index} among ${parts.length}`);
  return part;
}

/**
 * The grid of an image that can be cut into parts.
 * @throws VoxplainError `mismatch` for an image that has not three axes.
 */
export function volumeGrid({ dims }: { readonly dims: readonly number[] }): readonly number[] {
  if (dims.length === 4) return dims.slice(1);
  throw new VoxplainError("mismatch", `it has the shape [${dims.join(", ")}]; only 3D images have parts`);
}

function partsOf({ settings, masks = [] }: CapsFiles, stored: StoredImage): readonly Part[] {
  if (settings.mode === "image") {
    const whole = stored.dims.slice(1);
    const placement = { start: whole.map(() => 0), size: whole };
    return [{ index: 0, id: 0, name: "image", label: "image", placement }];
  }
  const grid = volumeGrid(stored);
  if (settings.mode === "patch") return patchParts(grid, settings);
  if (settings.mode === "slice") return sliceParts(grid, settings);
  if (settings.list === undefined) return hippocampusParts(grid);
  return regionParts(masks);
}

function cut({ settings, masks }: CapsFiles, image: StoredImage, part: Part): StoredPart {
  const { dims, data } = image;
  const grid = dims.slice(1);
  if (settings.mode === "roi" && settings.list !== undefined) {
    const mask = elementAt(masks ?? [], part.index);
    const rows = regionRows(mask, settings.uncropped);
    return {
      dims: [1, ...rows.map(({ length }) => length)],
      data: cutRegion(data, mask, settings.uncropped),
      owned: true,
      rows,
    };
  }
  const { placement } = part;
  if (placement === undefined) throw new RangeError(`${part.name} has no place in the image`);
  const { start, size, axis } = placement;
  const dimsOfPart = axis === undefined ? size : size.toSpliced(axis, 1);
  return { dims: [1, ...dimsOfPart], data: cutBox(data, grid, start, size), owned: true };
}
