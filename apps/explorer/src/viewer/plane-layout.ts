import type { Niivue } from "@niivue/niivue";

type Views = Parameters<Niivue["setCustomLayout"]>[0];
type Kinds = typeof import("@niivue/niivue").SLICE_TYPE;

/** Wide places have the axial plane at twice the size of the others; in others all four are alike. */
export function planeLayout(
  { AXIAL, CORONAL, SAGITTAL, RENDER }: Kinds,
  { clientWidth, clientHeight }: HTMLElement,
): Views {
  if (clientWidth > 1.5 * clientHeight) {
    const hero = Math.min(0.48, (0.85 * clientHeight) / clientWidth);
    const rest = (1 - hero) / 2;
    return [
      { sliceType: AXIAL, position: [0, 0, hero, 1] },
      { sliceType: CORONAL, position: [hero, 0, rest, 0.5] },
      { sliceType: SAGITTAL, position: [hero + rest, 0, rest, 0.5] },
      { sliceType: RENDER, position: [hero, 0.5, 2 * rest, 0.5] },
    ];
  }
  return [
    { sliceType: CORONAL, position: [0, 0, 0.5, 0.5] },
    { sliceType: SAGITTAL, position: [0.5, 0, 0.5, 0.5] },
    { sliceType: AXIAL, position: [0, 0.5, 0.5, 0.5] },
    { sliceType: RENDER, position: [0.5, 0.5, 0.5, 0.5] },
  ];
}
