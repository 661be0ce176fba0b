import { type Tensor, tensor } from "@voxplain/core";
import { type PlaneSize, resizeBytes } from "./resize.ts";

/** What a slice is resized to, as torchvision's `Resize((224, 224))`. */
const sliceSize: PlaneSize = [224, 224];

/**
 * A plane as torchvision's ToPILImage, Resize and ToTensor make it: ×255, cut to 8 bits, resized, ÷255,
 * the same on three channels. Values outside 0…1 wrap around in the 8 bits, as there.
 * @returns [3, 224, 224], and whether values wrapped.
 */
export function sliceInput(
  values: Float32Array,
  from: PlaneSize,
): { readonly input: Tensor<"float32">; readonly wrapped: boolean } {
  const bytes = new Uint8Array(values.length);
  let wrapped = false;
  for (let k = 0; k < values.length; k++) {
    // A Uint8Array keeps the lowest 8 bits of the truncated number, as the cast of PyTorch.
    const scaled = Math.trunc(Math.fround(values[k]! * 255));
    if (scaled < 0 || scaled > 255) wrapped = true;
    bytes[k] = scaled;
  }
  const resized = resizeBytes(bytes, from, sliceSize);
  const size = resized.length;
  const data = new Float32Array(3 * size);
  for (let k = 0; k < size; k++) data[k] = resized[k]! / 255;
  data.copyWithin(size, 0, size);
  data.copyWithin(2 * size, 0, size);
  return { input: tensor("float32", [3, ...sliceSize], data), wrapped };
}
