import type { Niivue } from "@niivue/niivue";

type Views = Parameters<Niivue["setCustomLayout"]>[0];
type Kinds = typeof import("@niivue/niivue").SLICE_TYPE;

type Plane = "axial" | "coronal" | "sagittal";

/** Where a plane is drawn: its place inside the picture, whose width and height are 1. */
export interface DrawnPlane {
  readonly plane: Plane;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly millimetresPerPixel: number;
}

/** A letter of a direction, at shares of the width and height of the picture. */
export interface PlaneLetter {
  readonly letter: string;
  /** The edge of the plane that it is inside of. */
  readonly edge: "left" | "right" | "top" | "bottom";
  readonly x: number;
  readonly y: number;
}

/** Left, right, top and bottom, in the neurological convention. */
const letters = { axial: "LRAP", coronal: "LRSI", sagittal: "PASI" } as const;

/** Where the planes are drawn: in wide places the axial one at about twice the size of the others. */
export function planePositions({
  clientWidth,
  clientHeight,
}: Pick<HTMLElement, "clientWidth" | "clientHeight">) {
  if (clientWidth <= 1.5 * clientHeight) {
    return {
      coronal: [0, 0, 0.5, 0.5],
      sagittal: [0.5, 0, 0.5, 0.5],
      axial: [0, 0.5, 0.5, 0.5],
      render: [0.5, 0.5, 0.5, 0.5],
    } as const;
  }
  const large = Math.min(0.48, (0.9 * clientHeight) / clientWidth);
  const small = (1 - large) / 2;
  return {
    axial: [0, 0, large, 1],
    coronal: [large, 0, small, 0.5],
    sagittal: [large + small, 0, small, 0.5],
    render: [large, 0.5, 2 * small, 0.5],
  } as const;
}

type Positions = ReturnType<typeof planePositions>;

export function planeViews({ AXIAL, CORONAL, SAGITTAL, RENDER }: Kinds, positions: Positions): Views {
  return [
    { sliceType: AXIAL, position: [...positions.axial] },
    { sliceType: CORONAL, position: [...positions.coronal] },
    { sliceType: SAGITTAL, position: [...positions.sagittal] },
    { sliceType: RENDER, position: [...positions.render] },
  ];
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
  positions: Positions,
  { clientWidth, clientHeight }: Pick<HTMLElement, "clientWidth" | "clientHeight">,
  sizes: PlaneSizes,
): readonly DrawnPlane[] {
  return (["axial", "coronal", "sagittal"] as const).flatMap((plane) => {
    const size = sizes[plane];
    if (size === undefined) return [];
    const [left, top, width, height] = positions[plane];
    const millimetresPerPixel = Math.max(size[0] / (width * clientWidth), size[1] / (height * clientHeight));
    const [across, down] = [
      size[0] / millimetresPerPixel / clientWidth,
      size[1] / millimetresPerPixel / clientHeight,
    ];
    return {
      ...{ plane, millimetresPerPixel, width: across, height: down },
      left: left + (width - across) / 2,
      top: top + (height - down) / 2,
    };
  });
}

/** The letters at the edges of the planes. */
export function planeLetters(planes: readonly DrawnPlane[]): readonly PlaneLetter[] {
  return planes.flatMap(({ plane, left, top, width, height }) => {
    const [west = "", east = "", north = "", south = ""] = letters[plane];
    return [
      { letter: west, edge: "left", x: left, y: top + height / 2 },
      { letter: east, edge: "right", x: left + width, y: top + height / 2 },
      { letter: north, edge: "top", x: left + width / 2, y: top },
      { letter: south, edge: "bottom", x: left + width / 2, y: top + height },
    ];
  });
}
