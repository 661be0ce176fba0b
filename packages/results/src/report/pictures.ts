import {
  elementAt,
  indexOfVoxel,
  pointAt,
  strongestIndex,
  type Tensor,
  type Volume,
  voxelAt,
} from "@voxplain/core";
import type { ReportedPicture } from "@voxplain/report";
import { colourLimit } from "@voxplain/writers";
import { loadPictures } from "../maps/write-map.ts";
import { caption } from "./caption.ts";

/** Pixels of the pictures of single sessions, of which there are several beside each other. */
const narrow = 640;

/** What is said of a picture. */
export interface Words {
  /** What the map is: "the mean map of AD". */
  readonly what: string;
  /** Added to the caption. */
  readonly more?: string;
}

/** Three planes through the strongest voxel. */
export async function planesPicture(
  map: Volume,
  anatomy: Volume | undefined,
  { what, more }: Words,
  size: "wide" | "narrow" = "wide",
): Promise<ReportedPicture> {
  const { renderSmallPlanes } = await loadPictures();
  const bytes = await renderSmallPlanes(map, {
    ...(anatomy && { anatomy }),
    ...(size === "narrow" && { width: narrow }),
  });
  const where = strongestPlace(map);
  return {
    ...{ bytes, type: "image/png" },
    alternative: `Sagittal, coronal and axial plane of ${what} through its strongest voxel${where === undefined ? "" : ` at ${where}`}.`,
    caption: caption(
      what,
      where && `strongest at ${where}`,
      anatomy === undefined ? "no image is below it" : undefined,
      more,
    ),
  };
}

/** Axial slices from the bottom to the top. */
export async function slicesPicture(
  map: Volume,
  anatomy: Volume | undefined,
  { what }: Words,
): Promise<ReportedPicture> {
  const { renderSlices } = await loadPictures();
  return {
    bytes: await renderSlices(map, anatomy === undefined ? {} : { anatomy }),
    type: "image/png",
    alternative: `Axial slices of ${what} from the bottom to the top of the head.`,
    caption: caption(
      `${what}: axial slices from the bottom to the top`,
      "the left of the patient is on the left",
    ),
  };
}

/** Projections along three axes, with marks. */
export async function glassPicture(
  map: Volume,
  options: {
    readonly anatomy: Volume | undefined;
    readonly mask: Float32Array | undefined;
    readonly peaks: readonly { readonly at: readonly [number, number, number]; readonly label: string }[];
  },
  { what, more }: Words,
): Promise<ReportedPicture> {
  const { renderGlassBrain } = await loadPictures();
  const { anatomy, mask, peaks } = options;
  return {
    bytes: await renderGlassBrain(map, { ...(anatomy && { anatomy }), ...(mask && { mask }), peaks }),
    type: "image/png",
    alternative: `Glass brain of ${what}, from the left, the front and above${peaks.length > 0 ? `, with the peaks of ${peaks.length} clusters` : ""}.`,
    caption: caption(`Glass brain of ${what}: the strongest value along each axis`, more),
  };
}

/** A 2D map. */
export async function planePicture(map: Tensor<"float32">, { what, more }: Words): Promise<ReportedPicture> {
  const { renderMap2d } = await loadPictures();
  return {
    bytes: await renderMap2d(map, { vmax: colourLimit(map.data) }),
    type: "image/jpeg",
    alternative: `The 2D map ${what}, blue for negative and red for positive values.`,
    caption: caption(what, more),
  };
}

function strongestPlace(map: Volume): string | undefined {
  const strongest = strongestIndex(map.data);
  if (strongest === undefined || map.data[strongest] === 0) return undefined;
  const voxel = voxelAt(strongest, map.shape);
  const at = pointAt(voxel, map.affine).map((value) => Number(value.toFixed(1)));
  const value = elementAt(map.data, indexOfVoxel(voxel, map.shape));
  return `[${at.join(" ")}] mm (${value.toPrecision(3)})`;
}
