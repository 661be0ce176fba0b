import type { PlaneView, ViewAxis } from "./plane-views.ts";

/** Pixels of the figure. */
export const width = 1500;
export const margin = 40;
/** Room for the colour bar and its labels, at the right. */
export const barRoom = 136;
/** The room that planes share. */
export interface Frame {
  /** Pixels of the figure. */
  readonly width: number;
  /** At the left and the right. */
  readonly margin: number;
  /** For the colour bar and its labels, at the right. */
  readonly barRoom: number;
  /** Between two planes. */
  readonly gap: number;
  /** The most pixels that a plane is high. */
  readonly tallest: number;
}

const large: Frame = { width, margin, barRoom, gap: 28, tallest: 900 };

/** Where a plane stands in the figure. */
export interface Panel {
  readonly view: PlaneView;
  readonly x: number;
  readonly width: number;
  readonly height: number;
}

/** All planes at the same scale, as large as the figure has room for. */
export function layOut(views: readonly PlaneView[], frame = large): Panel[] {
  const { width, margin, barRoom, gap, tallest } = frame;
  const extent = ({ voxels, spacing }: ViewAxis) => voxels * spacing;
  const room = width - 2 * margin - barRoom - gap * (views.length - 1);
  const wide = views.reduce((sum, view) => sum + extent(view.horizontal), 0);
  const high = Math.max(...views.map((view) => extent(view.vertical)));
  const scale = Math.min(room / wide, tallest / high);
  const pixels = (side: ViewAxis) => Math.max(1, Math.floor(extent(side) * scale));
  const used = views.reduce((sum, view) => sum + pixels(view.horizontal), 0);
  let x = margin + Math.floor((room - used) / 2);
  return views.map((view) => {
    const panel = { view, x, width: pixels(view.horizontal), height: pixels(view.vertical) };
    x += panel.width + gap;
    return panel;
  });
}
