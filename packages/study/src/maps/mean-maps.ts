import { type ImageInput, type PartInput, toImageGradient, toRawIntensities } from "@voxplain/caps-io";
import type { Tensor } from "@voxplain/core";
import {
  type GroupMean,
  groupMean,
  type RecomposedSum,
  type Recomposition,
  type SummedMaps,
} from "@voxplain/saliency";
import type { ExplainedPart } from "../explain/explained-part.ts";
import { type AnatomySums, anatomyOfImages, anatomyOfParts, anatomySum } from "./anatomy.ts";
import { keptRecomposition } from "./kept-recomposition.ts";

/** A map with what is drawn below it. */
export interface DrawnMap {
  /** [C, X, Y, Z] or [C, H, W] as the network sees the image; [X, Y, Z] on the grid of an image. */
  readonly map: Tensor<"float32">;
  /** One value for each voxel of the map's first channel; undefined where nothing is known of them. */
  readonly anatomy?: Float32Array;
}

/** Means over images, and over the parts of each. */
export interface MeanMaps {
  /** As the network sees its input, wherever parts are in the image; undefined where parts differ in size. */
  readonly ofInputs?: DrawnMap;
  /** Maps of parts where the parts are in the image; undefined for whole images, and where nothing gives their place. */
  readonly recomposed?: DrawnMap & {
    /** How many maps each voxel is the mean of: [X, Y, Z]. */
    readonly coverage: Tensor<"float32">;
  };
}

/** What is averaged of an image. */
interface Averaged {
  readonly input: ImageInput;
  readonly parts: readonly ExplainedPart[];
}

/** Sums of maps and of what is drawn below them, as data. */
export interface MapSums extends AnatomySums {
  /** As the network sees its input; undefined where parts differ in size. */
  readonly maps?: SummedMaps;
  /** The inputs of parts that have a place in `maps`. */
  readonly inputs?: SummedMaps;
  /** Where the parts are in the image. */
  readonly recomposed?: RecomposedSum;
}

/** Sums maps, and puts those of parts where the parts are. */
export interface MapSum {
  /** Adds what another one holds. @throws VoxplainError `mismatch` for a map of another shape. */
  addSums(sums: MapSums): void;
  /** What was added so far: views, which the next addition changes. */
  sums(): MapSums;
  /** Forgets what was added, and keeps the memory. */
  clear(): void;
  /** Those of what was added. */
  mean(): MeanMaps;
}

/** The sums of images whose maps are averaged. */
export function mapSum(): MapSum {
  const anatomy = anatomySum();
  const maps = ofParts();
  return {
    addSums(sums) {
      anatomy.addSums(sums);
      maps.addSums(sums);
    },
    sums: () => ({ ...anatomy.sums(), ...maps.sums() }),
    clear() {
      anatomy.clear();
      maps.clear();
    },
    mean: () => maps.mean(anatomy.mean()),
  };
}

/** Sums of maps alone. */
function ofParts() {
  const [inputs, ofOneSize, whole] = [groupMean(), groupMean(), keptRecomposition()];
  /** undefined where parts differ in size. */
  let maps: GroupMean | undefined = ofOneSize;
  let shape = "";
  return {
    add(image: Averaged, throughNormalization: boolean): void {
      for (const { part, map } of image.parts) {
        shape ||= part.input.dims.join();
        // The networks of a multi-CNN model may see parts of different sizes: these have no mean.
        if (shape !== part.input.dims.join()) maps = undefined;
        maps?.add(atIntensities(map, part, throughNormalization));
        if (part.name === "image") continue;
        if (maps !== undefined) inputs.add(part.input);
        if (part.placement === undefined || image.input.grid === undefined) continue;
        const { data } = toImageGradient(map, part, { throughNormalization });
        whole.on(image.input.grid).add(data, part.placement);
      }
    },
    addSums(sums: MapSums): void {
      const isOneSize = maps === undefined || maps.count === 0 || dimsOf(maps) === sums.maps?.dims.join();
      if (sums.maps === undefined || !isOneSize) maps = undefined;
      else maps?.addSum(sums.maps);
      if (sums.inputs !== undefined && maps !== undefined) inputs.addSum(sums.inputs);
      if (sums.recomposed !== undefined) whole.on(sums.recomposed.grid).addSum(sums.recomposed);
    },
    sums: (): MapSums => ({
      ...(maps && maps.count > 0 && { maps: maps.sum() }),
      ...(maps && inputs.count > 0 && { inputs: inputs.sum() }),
      ...(whole.used && { recomposed: whole.used.sum() }),
    }),
    clear(): void {
      for (const each of [inputs, ofOneSize, whole]) each.clear();
      maps = ofOneSize;
      shape = "";
    },
    mean(under: Float32Array): MeanMaps {
      return {
        ...(maps && {
          ofInputs: { map: maps.mean(), anatomy: inputs.count === 0 ? under : inputs.mean().data },
        }),
        ...(whole.used && { recomposed: recomposedOf(whole.used, under) }),
      };
    },
  };
}

function dimsOf(maps: GroupMean): string {
  return maps.sum().dims.join();
}

/**
 * The sums of one image after the other, without a copy of the map of a whole one: views, which the next image changes.
 * @param throughNormalization - Whether maps are gradients at the intensities of the image.
 */
export function sumsOfImages(throughNormalization: boolean): (image: Averaged) => MapSums {
  const anatomyOf = anatomyOfImages();
  const maps = ofParts();
  return (image) => {
    const [first] = image.parts;
    if (first?.part.name === "image") {
      const { dims, data } = atIntensities(first.map, first.part, throughNormalization);
      return { maps: { dims, data, count: 1 }, ...anatomyOf(image) };
    }
    maps.clear();
    maps.add(image, throughNormalization);
    return { ...maps.sums(), ...anatomyOf(image) };
  };
}

/** The maps of one image; what is drawn below them is what the network sees, or the image that its parts were cut out of. */
export function mapsOfImage(image: Averaged, throughNormalization: boolean): MeanMaps {
  const [first] = image.parts;
  if (first?.part.name === "image") {
    const map = atIntensities(first.map, first.part, throughNormalization);
    return { ofInputs: { map, anatomy: first.part.input.data } };
  }
  const maps = ofParts();
  maps.add(image, throughNormalization);
  return maps.mean(anatomyOfParts(image));
}

function recomposedOf(whole: Recomposition, under: Float32Array) {
  const map = whole.mean();
  const coverage = whole.coverage();
  return { map, coverage, ...(under.length === map.data.length && { anatomy: under }) };
}

/** The map of a part as it is stored: at the network's input, or carried to the intensities of the image. */
export function atIntensities(
  map: Tensor<"float32">,
  part: PartInput,
  throughNormalization: boolean,
): Tensor<"float32"> {
  return throughNormalization ? toRawIntensities(map, part) : map;
}
