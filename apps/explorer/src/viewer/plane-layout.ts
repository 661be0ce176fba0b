import type { Niivue } from "@niivue/niivue";
import type { Display, View } from "./display.ts";

type Views = Parameters<Niivue["setCustomLayout"]>[0];
type Kinds = typeof import("@niivue/niivue").SLICE_TYPE;

export type Plane = "axial" | "coronal" | "sagittal";

/** Left, top, width and height, as shares of the picture's. */
type Box = readonly [number, number, number, number];

/** One of the drawings in a picture. */
export interface Tile {
  readonly of: Plane | "rendering";
  readonly box: Box;
  /** Where a slice is, in millimetres; undefined: at the crosshair. */
  readonly at?: number;
}

/** Where a plane is drawn: its place inside the picture, whose width and height are 1. */
export interface DrawnPlane {
  readonly plane: Plane;
  readonly at: number | undefined;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly millimetresPerPixel: number;
}

/** A letter of a direction or the place of a slice, at shares of the width and height of the picture. */
export interface PlaneMark {
  readonly text: string;
  /** The edge or the corner of the plane that it is inside of. */
  readonly edge: "left" | "right" | "top" | "bottom" | "corner";
  readonly x: number;
  readonly y: number;
}

type Room = Pick<HTMLElement, "clientWidth" | "clientHeight">;

/** Places so wide that planes beside each other are larger in them than in a square. */
const isWide = ({ clientWidth, clientHeight }: Room) => clientWidth > 1.4 * clientHeight;

/** In a square, at one scale and with their axes in line, as a brain is longer than wide: the fourth place is for a rendering. */
function positionsInSquare({ clientWidth, clientHeight }: Room) {
  const side = Math.min(clientWidth, clientHeight) || 1;
  const [width, height] = [side / (clientWidth || 1), side / (clientHeight || 1)];
  const [left, top] = [(1 - width) / 2, (1 - height) / 2];
  const [short, long] = [5 / 11, 6 / 11];
  const [right, below] = [left + short * width, top + short * height];
  return {
    coronal: [left, top, short * width, short * height],
    sagittal: [right, top, long * width, short * height],
    axial: [left, below, short * width, long * height],
    rendering: [right, below, long * width, long * height],
  } as const;
}

/** Where the planes are drawn: in wide places the axial one at about twice the size of the others. */
function planePositions(room: Room) {
  if (!isWide(room)) return positionsInSquare(room);
  const { clientWidth, clientHeight } = room;
  const large = Math.min(0.48, (0.9 * clientHeight) / clientWidth);
  const small = (1 - large) / 2;
  return {
    axial: [0, 0, large, 1],
    coronal: [large, 0, small, 0.5],
    sagittal: [large + small, 0, small, 0.5],
    rendering: [large, 0.5, 2 * small, 0.5],
  } as const;
}

/** Without a rendering: in wide places the planes stand in a row, at about one scale, as a brain is longer than wide. */
function positionsInRow(room: Room) {
  if (!isWide(room)) {
    const { rendering: _, ...planes } = positionsInSquare(room);
    return planes;
  }
  const [wide, long] = [5 / 16, 6 / 16];
  return { axial: [0, 0, wide, 1], coronal: [wide, 0, wide, 1], sagittal: [2 * wide, 0, long, 1] } as const;
}

/** Along an axis of the world: from, to, in millimetres. */
export type Extent = readonly [number, number];

/** From left to right, back to front, bottom to top. */
export type Extents = readonly [Extent, Extent, Extent];

/** Slices of a mosaic. */
const slices = 12;

/** Pixels below slices and pictures, where the convention is written: elsewhere there is room for it beside the planes. */
const footer = 24;

/** Axes of the world along the width and height of a plane, and across it. */
const axesOf = { axial: [0, 1, 2], coronal: [0, 2, 1], sagittal: [1, 2, 0] } as const;

/**
 * The drawings of a view.
 * @param extents - Where the anatomy is: there the slices of a mosaic are.
 */
export function tilesOf(view: View | Plane, room: Room, extents: Extents, isFlat = false): readonly Tile[] {
  if (view === "rendering") return [{ of: "rendering", box: [0, 0, 1, 1] }];
  if (view === "planes" || view === "planes-only") {
    const boxes = view === "planes" ? planePositions(room) : positionsInRow(room);
    return Object.entries(boxes).map(([of, box]) => ({ of: of as Tile["of"], box }));
  }
  const height = 1 - Math.min(0.15, footer / (room.clientHeight || 1));
  if (isFlat) return [{ of: view, box: [0, 0, 1, height] }];
  const [across, up, through] = axesOf[view].map((axis) => extents[axis]) as [Extent, Extent, Extent];
  const aspect = (across[1] - across[0]) / (up[1] - up[0]);
  const columns = columnsFor(aspect, room);
  const rows = Math.ceil(slices / columns);
  return Array.from({ length: slices }, (_, k) => {
    const share = (k + 0.5) / slices;
    // Whole millimetres: they are read.
    const at = Math.round(through[0] + share * (through[1] - through[0]));
    return {
      of: view,
      at,
      // NiiVue refuses tiles that overlap by rounding.
      box: [
        (k % columns) / columns,
        (height * Math.floor(k / columns)) / rows,
        1 / columns - 1e-9,
        height / rows - 1e-9,
      ],
    };
  });
}

/** So that slices of this width to height are largest. */
function columnsFor(aspect: number, { clientWidth, clientHeight }: Room): number {
  const sizeOf = (columns: number) =>
    Math.min(clientWidth / columns, (aspect * clientHeight) / Math.ceil(slices / columns));
  const choices = [1, 2, 3, 4, 6, 12];
  return choices.reduce((best, columns) => (sizeOf(columns) > sizeOf(best) ? columns : best), 1);
}

/** Whether it is of slices, as papers print them. */
export function isMosaic(view: View): view is Plane {
  return view in axesOf;
}

export function tileViews({ AXIAL, CORONAL, SAGITTAL, RENDER }: Kinds, tiles: readonly Tile[]): Views {
  const kinds = { axial: AXIAL, coronal: CORONAL, sagittal: SAGITTAL, rendering: RENDER };
  return tiles.map(({ of, box, at }) => ({
    sliceType: kinds[of],
    position: [...box],
    ...(at !== undefined && { sliceMM: at }),
  }));
}

/** Millimetres along the width and height of a plane. */
export type PlaneSizes = Readonly<Partial<Record<Plane, readonly [number, number]>>>;

/** Sizes of the planes that NiiVue has drawn last. */
export function planeSizes({ screenSlices }: Pick<Niivue, "screenSlices">, kinds: Kinds): PlaneSizes {
  const names = new Map<number, Plane>([
    [kinds.AXIAL, "axial"],
    [kinds.CORONAL, "coronal"],
    [kinds.SAGITTAL, "sagittal"],
  ]);
  return Object.fromEntries(
    screenSlices.flatMap(({ axCorSag, fovMM: [width = 0, height = 0] }) => {
      const plane = names.get(axCorSag);
      return plane === undefined ? [] : [[plane, [Math.abs(width), Math.abs(height)]]];
    }),
  );
}

/** Planes fill their places in one direction, and are in the middle of the other. */
export function drawnPlanes(
  tiles: readonly Tile[],
  { clientWidth, clientHeight }: Room,
  sizes: PlaneSizes,
): readonly DrawnPlane[] {
  return tiles.flatMap(({ of: plane, box: [left, top, width, height], at }) => {
    const size = plane === "rendering" ? undefined : sizes[plane];
    if (plane === "rendering" || size === undefined) return [];
    const millimetresPerPixel = Math.max(size[0] / (width * clientWidth), size[1] / (height * clientHeight));
    const [across, down] = [
      size[0] / millimetresPerPixel / clientWidth,
      size[1] / millimetresPerPixel / clientHeight,
    ];
    return {
      ...{ plane, at, millimetresPerPixel, width: across, height: down },
      left: left + (width - across) / 2,
      top: top + (height - down) / 2,
    };
  });
}

/** Left, right, top and bottom. */
const letters = { axial: "LRAP", coronal: "LRSI", sagittal: "PASI" } as const;

/** Axes of the world across a plane, as coordinates are named. */
const coordinates = { axial: "z", coronal: "y", sagittal: "x" } as const;

/** The letters at the edges of the planes; of slices in a mosaic, where they are, and the letters of the first. */
export function planeMarks(
  planes: readonly DrawnPlane[],
  { radiological }: Pick<Display, "radiological">,
): readonly PlaneMark[] {
  return planes.flatMap(({ plane, at, left, top, width, height }, k): readonly PlaneMark[] => {
    const [west = "", east = "", north = "", south = ""] = letters[plane];
    // Sagittal planes look to the left in both conventions.
    const sides = radiological && plane !== "sagittal" ? ([east, west] as const) : ([west, east] as const);
    const across = [
      { text: sides[0], edge: "left", x: left, y: top + height / 2 },
      { text: sides[1], edge: "right", x: left + width, y: top + height / 2 },
    ] as const;
    if (at !== undefined) {
      const text = `${coordinates[plane]} = ${String(at).replace("-", "−")}`;
      const place = { text, edge: "corner", x: left, y: top + height } as const;
      return k === 0 ? [...across, place] : [place];
    }
    return [
      ...across,
      { text: north, edge: "top", x: left + width / 2, y: top },
      { text: south, edge: "bottom", x: left + width / 2, y: top + height },
    ];
  });
}
