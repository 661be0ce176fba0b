import { createCanvas, loadImage } from "@napi-rs/canvas";
import { type Tensor, tensor, VoxplainError } from "@voxplain/core";

const signatures = [
  [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  [0xff, 0xd8, 0xff],
] as const;
/** A side of a picture that is no attempt to fill the memory. */
const longestSide = 2 ** 14;

/**
 * Reads a PNG or JPEG: [3, H, W], red, green, blue, from 0 to 255. Transparent pixels are laid over black.
 * @throws VoxplainError `invalid-file` naming the file.
 */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<Tensor<"float32">> {
  const refuse = (cause?: unknown): never => {
    throw new VoxplainError("invalid-file", `${name} is no PNG or JPEG that can be read`, { cause });
  };
  // The library reads other formats too, of which some can refer to further files.
  if (!signatures.some((signature) => signature.every((byte, k) => bytes[k] === byte))) return refuse();
  const picture = await loadImage(Buffer.from(bytes)).catch(refuse);
  const { width, height } = picture;
  if (!(width > 0 && height > 0 && width <= longestSide && height <= longestSide)) {
    throw new VoxplainError(
      "invalid-file",
      `${name} has ${width}×${height} pixels; sides of 1 to ${longestSide} can be read`,
    );
  }
  const context = createCanvas(width, height).getContext("2d");
  context.fillStyle = "#000000";
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const values = new Float32Array(3 * width * height);
  for (let c = 0; c < 3; c++) {
    for (let k = 0; k < width * height; k++) values[c * width * height + k] = data[4 * k + c]!;
  }
  return tensor("float32", [3, height, width], values);
}
