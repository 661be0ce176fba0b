// Planes of a map over the anatomy on a transparent ground, which look well on light and dark pages alike, with the outline of a known truth.
import { createRequire } from "node:module";

const pictures = new URL("../../../packages/writers/dist/pictures/", import.meta.url);
const { colourLimit } = await import(new URL("../index.js", pictures).href);
const { planeViews } = await import(new URL("plane-views.js", pictures).href);
const { resizeSlice, sliceOf } = await import(new URL("slices.js", pictures).href);
const { paintOverlay } = await import(new URL("overlay.js", pictures).href);
const { headWindow } = await import(new URL("windowing.js", pictures).href);

// The canvas that the command line draws with.
const writers = createRequire(new URL("../../../packages/writers/package.json", import.meta.url));
const { createCanvas } = writers("@napi-rs/canvas");

/**
 * @param {object} volumes
 * @param {import("@voxplain/core").Volume} volumes.map
 * @param {import("@voxplain/core").Volume} volumes.anatomy - On the same grid.
 * @param {import("@voxplain/core").Volume} volumes.truth - 1 inside the structures that are outlined.
 * @param {object} look
 * @param {readonly [number, number, number]} look.voxel - The planes go through it.
 * @param {readonly ("sagittal" | "coronal" | "axial")[]} look.planes
 * @param {number} look.scale - Pixels of a voxel.
 * @returns {Promise<{ webp: Buffer, vmax: number, width: number, height: number }>} The end of the colour scale is that of the command.
 */
export async function brainPicture({ map, anatomy, truth }, { voxel, planes, scale }) {
  const vmax = colourLimit(map.data);
  const window = headWindow(anatomy.data);
  const views = planeViews(map, voxel);
  const panels = planes.map((name) => panelOf(views.find((view) => view.name === name)));
  const gap = 2 * scale;
  const width = panels.reduce((sum, panel) => sum + panel.width, gap * (panels.length - 1));
  const height = Math.max(...panels.map((panel) => panel.height));
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  let x = 0;
  for (const panel of panels) {
    context.drawImage(panel, x, Math.round((height - panel.height) / 2));
    x += panel.width + gap;
  }
  return { webp: await canvas.encode("webp", 82), vmax, width, height };

  function panelOf(view) {
    const below = sliceOf(anatomy, view, window.low);
    const size = [below.width * scale, below.height * scale];
    const { rgba } = paintOverlay(
      resizeSlice(below, ...size),
      resizeSlice(sliceOf(map, view, 0), ...size),
      window,
      vmax,
    );
    const opacity = resizeSlice(blurred(blurred(headOf(below, window))), ...size).values;
    const inside = resizeSlice(sliceOf(truth, view, 0), ...size);
    const panel = createCanvas(...size);
    const image = panel.getContext("2d").createImageData(...size);
    for (let n = 0; n < opacity.length; n++)
      rgba[4 * n + 3] = 255 * Math.min(Math.max((opacity[n] - 0.5) * scale * 0.6 + 0.5, 0), 1);
    drawOutline(rgba, inside, Math.max(1, scale / 4));
    image.data.set(rgba);
    panel.getContext("2d").putImageData(image, 0, 0);
    return panel;
  }
}

/** 1 in the head, 0 in the air around it: whatever dark pixels are connected with the sides and the top of the picture. */
function headOf({ width, height, values }, { low, high }) {
  const dark = low + 0.06 * (high - low);
  const head = new Float32Array(values.length).fill(1);
  const open = [];
  const visit = (x, y) => {
    const n = y * width + x;
    if (x < 0 || y < 0 || x >= width || y >= height || head[n] === 0 || values[n] > dark) return;
    head[n] = 0;
    open.push([x, y]);
  };
  for (let y = 0; y < height; y++) {
    visit(0, y);
    visit(width - 1, y);
  }
  for (let x = 0; x < width; x++) visit(x, 0);
  while (open.length > 0) {
    const [x, y] = open.pop();
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ])
      visit(x + dx, y + dy);
  }
  return { width, height, values: head };
}

/** The mean over 3×3 pixels: a smooth edge. */
function blurred({ width, height, values }) {
  const within = (k, length) => Math.min(Math.max(k, 0), length - 1);
  const mean = values.map((_, n) => {
    let sum = 0;
    for (const dy of [-1, 0, 1])
      for (const dx of [-1, 0, 1])
        sum += values[within(Math.floor(n / width) + dy, height) * width + within((n % width) + dx, width)];
    return sum / 9;
  });
  return { width, height, values: mean };
}

/** A white line where the values cross one half. */
function drawOutline(rgba, { width, height, values }, thickness) {
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const n = y * width + x;
      const slope = Math.hypot(values[n + 1] - values[n - 1], values[n + width] - values[n - width]) / 2;
      if (slope === 0) continue;
      const share = Math.min(Math.max(thickness / 2 + 0.5 - Math.abs(values[n] - 0.5) / slope, 0), 1) * 0.9;
      for (let c = 0; c < 3; c++) rgba[4 * n + c] += (255 - rgba[4 * n + c]) * share;
    }
  }
}
