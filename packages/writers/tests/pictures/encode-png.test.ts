import { createCanvas } from "@napi-rs/canvas";
import { expect, it } from "vitest";
import { encodePng } from "../../src/pictures/encode-png.ts";
import { decode } from "./pixels.ts";

it.each([
  [1, 1],
  [7, 5],
  [40, 33],
])("a PNG of %i × %i pixels has each of them", async (width, height) => {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  const drawn = context.createImageData(width, height);
  for (let n = 0; n < drawn.data.length; n++) drawn.data[n] = n % 4 === 3 ? 255 : (n * n * 37) % 251;
  context.putImageData(drawn, 0, 0);
  const file = await encodePng(canvas);
  const picture = await decode(file);
  expect([picture.width, picture.height]).toEqual([width, height]);
  expect([...picture.data]).toEqual([...drawn.data]);
});
