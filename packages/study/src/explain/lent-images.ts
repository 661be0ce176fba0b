import { type Tensor, tensor } from "@voxplain/core";
import type { DifferentiableModel } from "@voxplain/saliency";
import type { PredictedPart } from "./explained-part.ts";
import type { Job, ReadImage } from "./work.ts";

/** Puts whole images where the network reads them, so that they are in memory once. */
export interface LentImages {
  /** The same image in memory of the network, once that is open and where some is free; else the image itself. */
  lend(image: ReadImage): Promise<ReadImage>;
  /** Nobody reads it any more: ends a loan, and frees what no loan took the place of. */
  giveBack(image: ReadImage): void;
  /** Ends all loans. */
  giveBackAll(): void;
}

/** None yet. Methods of many passes need the memory themselves, and checks go on with an image after its map. */
export function lentImages<Part extends PredictedPart>(
  model: DifferentiableModel,
  { borrow, group: { method, passes }, plan: { model: source, request } }: Job<Part>,
): LentImages {
  const isWhole = source.parts.mode === "image";
  const isOnePass = method?.begins === "gradient" && passes?.most === 1 && request.checks === undefined;
  const lends = borrow && isWhole && isOnePass;
  const places = new Map<ReadImage, Tensor<"float32">>();
  return {
    async lend(image) {
      if (!lends) return image;
      // Nothing is computed before.
      await model.open?.("gradient");
      const place = model.borrowInput?.("gradient");
      if (place === undefined) return image;
      const lent = movedTo(place, image);
      image.input.release?.();
      places.set(lent, place);
      return lent;
    },
    giveBack(image) {
      const place = places.get(image);
      if (place === undefined) {
        if (borrow) image.input.release?.();
        return;
      }
      places.delete(image);
      model.giveBackInput?.(place);
    },
    giveBackAll() {
      for (const place of places.values()) model.giveBackInput?.(place);
      places.clear();
    },
  };
}

/** A whole image is its own only part. */
function movedTo(
  place: Tensor<"float32">,
  { input: { release: _, ...input }, parts: [whole] }: ReadImage,
): ReadImage {
  place.data.set(whole.input.data);
  const part = { ...whole, input: tensor("float32", whole.input.dims, place.data) };
  const read = async (index: number) => {
    if (index !== whole.index) throw new RangeError(`there is no part ${index} of a whole image`);
    return part;
  };
  return { input: { ...input, read }, parts: [part] };
}
