import type { Niivue } from "@niivue/niivue";

type Views = Parameters<Niivue["setCustomLayout"]>[0];
type Kinds = typeof import("@niivue/niivue").SLICE_TYPE;

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
export function planePositions({ clientWidth, clientHeight }: HTMLElement) {
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

/** The letters at the edges of the planes. */
export function planeLetters(positions: Positions): readonly PlaneLetter[] {
  return (["axial", "coronal", "sagittal"] as const).flatMap((plane) => {
    const [left, top, width, height] = positions[plane];
    const [west = "", east = "", north = "", south = ""] = letters[plane];
    return [
      { letter: west, edge: "left", x: left, y: top + height / 2 },
      { letter: east, edge: "right", x: left + width, y: top + height / 2 },
      { letter: north, edge: "top", x: left + width / 2, y: top },
      { letter: south, edge: "bottom", x: left + width / 2, y: top + height },
    ];
  });
}
