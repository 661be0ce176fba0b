import { createRequire } from "node:module";

// The canvas that the command line draws with.
const writers = createRequire(new URL("../../../packages/writers/package.json", import.meta.url));
const { createCanvas, loadImage } = writers("@napi-rs/canvas");

/**
 * A picture as wide as a page shows it on a dense screen.
 * @param {string | Buffer} from - A file, or its bytes.
 * @returns {Promise<Buffer>} WebP.
 */
export async function smallPicture(from) {
  const picture = await loadImage(from);
  const scale = Math.min(1, 1376 / picture.width);
  const canvas = createCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.encode("webp", 80);
}
