import { affineOf as positionOf } from "@voxplain/caps-io";
import { type Affine, identityAffine, mapVolume, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import { atIntensities, type MeanMaps, mapsOfImage } from "../maps/mean-maps.ts";
import type { Plan } from "../plan/request.ts";
import type { ExplainedImage, PredictedImage } from "./explained-image.ts";
import type { ExplainedPart } from "./explained-part.ts";

/** Makes the map of an image from those of its parts, when it is asked for. */
export function composeImage(
  { request: { throughNormalization = false, template } }: Plan,
  image: PredictedImage<ExplainedPart>,
  target: number,
): ExplainedImage {
  const maps = once(() => mapsOfImage(image, throughNormalization));
  const [first] = image.parts;
  const affine = affineOf(image, template);
  const isWhole = first?.part.name === "image";
  return {
    ...image,
    target,
    affine,
    maps,
    get volume() {
      return mapVolume(this.map, affine ?? identityAffine);
    },
    get map() {
      return isWhole ? atIntensities(first.map, first.part, throughNormalization) : placedMap(image, maps());
    },
    get anatomy() {
      if (isWhole) return meanOfChannels(first.part.input);
      return maps().recomposed?.anatomy ?? new Float32Array();
    },
  };
}

function placedMap({ session }: PredictedImage, { recomposed }: MeanMaps): Tensor<"float32"> {
  if (recomposed !== undefined) {
    const { dims, data } = recomposed.map;
    return tensor("float32", [1, ...dims], data);
  }
  throw new VoxplainError("unsupported", "nothing says where its parts are in the image", {
    session: session.name,
    hint: "a CAPS that has the image beside the extracted parts does",
  });
}

/** Whatever its warnings are, the plan has given them. */
function affineOf(
  { session, input }: PredictedImage,
  template: Plan["request"]["template"],
): Affine | undefined {
  const { grid: shape, reduction, affine, affineError } = input;
  const grid = { name: session.name, ...(shape && { shape }), ...(reduction && { reduction }) };
  const known = { ...grid, ...(affine && { affine }), ...(affineError && { affineError }) };
  return positionOf(known, template).affine;
}

function meanOfChannels({ dims: [channels = 1], data }: Tensor<"float32">): Float32Array {
  if (channels === 1) return data;
  const mean = new Float32Array(data.length / channels);
  for (const [k, value] of data.entries()) {
    const voxel = k % mean.length;
    mean[voxel] = (mean[voxel] ?? 0) + value / channels;
  }
  return mean;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
