import { createRequire } from "node:module";

// The canvas that the command line draws with.
const writers = createRequire(new URL("../../../packages/writers/package.json", import.meta.url));
const { createCanvas, loadImage } = writers("@napi-rs/canvas");

/**
 * Pixels of a picture.
 * @typedef {{ readonly width: number, readonly height: number, readonly data: Uint8ClampedArray }} Pixels
 */

/**
 * The pixels of a picture as it is.
 * @param {string | Uint8Array} from - A file, or its bytes.
 * @returns {Promise<Pixels>}
 */
export async function pixelsOf(from) {
  return canvasPixels(await draw(from, Infinity));
}

/**
 * A picture as wide as a page shows it on a dense screen: WebP, and the pixels before they were compressed.
 * @param {string | Uint8Array} from - A file, or its bytes.
 * @returns {Promise<{ readonly webp: Buffer, readonly pixels: Pixels }>}
 */
export async function smallPicture(from) {
  const canvas = await draw(from, 1376);
  return { webp: await canvas.encode("webp", 80), pixels: canvasPixels(canvas) };
}

/** @param {string | Uint8Array} from @param {number} widest */
async function draw(from, widest) {
  const picture = await loadImage(from);
  const scale = Math.min(1, widest / picture.width);
  const canvas = createCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** @param {ReturnType<typeof createCanvas>} canvas @returns {Pixels} */
function canvasPixels(canvas) {
  const { width, height } = canvas;
  return { width, height, data: canvas.getContext("2d").getImageData(0, 0, width, height).data };
}
