import { elementAt, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { DecodedPicture, PictureKind } from "./decoded-picture.ts";

/** A picture as it is stored. */
export interface Picture {
  /** [C, H, W], the channels in the order of the mode. */
  readonly values: Tensor<"float32">;
  readonly kind: PictureKind;
}

/** As many values as a grey picture of 16384×16384 pixels has: 1 GB of float32. */
const mostValues = 2 ** 28;

const modes = ["L", "LA", "RGB", "RGBA"] as const;

/**
 * The stored values of a PNG or JPEG, as Pillow decodes them (`numpy.asarray(Image.open(…))`, but for palettes, of which
 * the colours are given, and for 16 bits, which all modes keep). No colour management: gamma, ICC profiles and the like
 * change nothing, nor does the orientation that EXIF names.
 * @throws VoxplainError `invalid-file` naming the file, `unsupported` for other formats, and for CMYK and rare kinds of JPEG.
 */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<Picture> {
  if (begins(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) {
    const { decodePng } = await import("./png.ts");
    return pictureOf(await decodePng(bytes, name, mostValues));
  }
  if (begins(bytes, 0xff, 0xd8, 0xff)) {
    const { decodeJpeg } = await import("./jpeg.ts");
    return pictureOf({ ...decodeJpeg(bytes, name, mostValues), most: 255 });
  }
  throw new VoxplainError("invalid-file", "it is not a PNG or JPEG", { file: name });
}

function pictureOf({ width, height, values, most }: DecodedPicture): Picture {
  const size = width * height;
  const channels = values.length / size;
  const opacities = channels % 2 === 0 ? values.subarray(-size) : [];
  let transparent = 0;
  for (const value of opacities) if (value < most) transparent++;
  return {
    values: tensor("float32", [channels, height, width], values),
    kind: { mode: elementAt(modes, channels - 1), most, transparent },
  };
}

function begins(bytes: Uint8Array, ...signature: readonly number[]): boolean {
  return signature.every((byte, k) => bytes[k] === byte);
}
