import type { Voxel } from "@voxplain/core";
import { button, element, field, select } from "../element.ts";
import type { ExplanationRequest, ExplorerImage } from "../engine/engine.ts";
import { colourMaps } from "../viewer/colour-maps.ts";
import type { Display } from "../viewer/display.ts";
import type { Drawn } from "../viewer/drawn.ts";
import { rangeOf, strongestVoxel, type ValueRange } from "../viewer/geometry.ts";
import { ownLimit } from "../viewer/intensity-range.ts";
import { legendNodes, legendOf } from "../viewer/legend.ts";
import type { Plane } from "../viewer/plane-layout.ts";
import { type Thumbnail, thumbnailPixels, thumbnailsOf } from "../viewer/thumbnail.ts";

/** A map of the cohort, and what is needed to show it again. */
export interface GridMap {
  readonly image: ExplorerImage;
  readonly request: ExplanationRequest;
  readonly drawn: Drawn;
  /** "AD 97.3 %". */
  readonly prediction: string;
}

export interface CohortGrid {
  readonly node: HTMLElement;
  /** Another cohort begins. */
  clear(): void;
  add(map: GridMap, display: Display): void;
  setDisplay(display: Display): void;
}

interface Entry {
  readonly thumbnails: readonly Thumbnail[];
  readonly limit: number;
  readonly range: ValueRange;
  readonly canvas: HTMLCanvasElement;
}

const planes = { axial: "Axial", coronal: "Coronal", sagittal: "Sagittal" } as const;

/**
 * All maps of a cohort at a glance: one plane of each, through the strongest voxel of the first, on one scale. Planes alone are
 * kept, not maps.
 */
export function cohortGrid(
  onOpen: (map: Pick<GridMap, "image" | "request"> & { readonly label: string }) => void,
): CohortGrid {
  let display: Display | undefined;
  let at: Voxel | undefined;
  let entries: Entry[] = [];
  const plane = select(Object.entries(planes).map(([value, label]) => ({ value, label })));
  const planeField = field("Plane", plane);
  const key = element("div", { class: "legend" });
  const note = element("p", { class: "hint" });
  const list = element("ul", { class: "grid" });
  const node = element(
    "details",
    { class: "finding cohort-maps", hidden: true, open: true },
    element("summary", {}, "All maps of the cohort"),
    element("div", { class: "tools" }, planeField, key),
    note,
    list,
  );
  const limit = () => display?.end ?? Math.max(...entries.map((entry) => entry.limit));
  const draw = ({ thumbnails, canvas }: Entry) => {
    const thumbnail = thumbnails.find((one) => one.plane === (plane.value as Plane)) ?? thumbnails[0];
    if (thumbnail === undefined || display === undefined) return;
    const { width, height, spacing } = thumbnail;
    canvas.width = width;
    canvas.height = height;
    canvas.style.aspectRatio = `${width * spacing[0]} / ${height * spacing[1]}`;
    canvas.getContext("2d")?.putImageData(thumbnailPixels(thumbnail, limit(), display), 0, 0);
  };
  let isAsked = false;
  const drawAll = () => {
    if (isAsked || entries.length === 0) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      if (display === undefined) return;
      for (const entry of entries) draw(entry);
      const range = {
        least: Math.min(...entries.map((entry) => entry.range.least)),
        most: Math.max(...entries.map((entry) => entry.range.most)),
      };
      key.replaceChildren(...legendNodes(legendOf(range, limit(), colourMaps[display.colours], display)));
      planeField.hidden = entries.every(({ thumbnails }) => thumbnails.length < 2);
    });
  };
  plane.addEventListener("change", drawAll);
  /** In a scope of its own: a button that is made where the map is known keeps all its voxels. */
  const opener = (map: Parameters<typeof onOpen>[0]) =>
    button("", () => onOpen(map), { class: "thumbnail", title: "Show this map" });
  return {
    node,
    clear() {
      [entries, at] = [[], undefined];
      list.replaceChildren();
      node.hidden = true;
    },
    add({ image, request, drawn, prediction }, given) {
      display = given;
      const { map, anatomy } = drawn;
      at ??= strongestVoxel(map);
      const voxel = at.every((index, axis) => index < (map.shape[axis] ?? 0)) ? at : strongestVoxel(map);
      const canvas = element("canvas", { "aria-hidden": true });
      const open = opener({ image, request, label: drawn.label });
      open.append(
        canvas,
        element("span", { class: "name" }, image.name, " "),
        element("span", { class: "facts" }, `${image.trueClass ?? "no label"} → ${prediction}`),
      );
      list.append(element("li", {}, open));
      entries.push({
        thumbnails: thumbnailsOf(map, anatomy, voxel),
        limit: ownLimit(map.data),
        range: rangeOf(map.data),
        canvas,
      });
      note.textContent = `${entries.length} maps on one scale, in one plane through the strongest voxel of the first. A click shows a map.`;
      node.hidden = false;
      drawAll();
    },
    setDisplay(given) {
      display = given;
      drawAll();
    },
  };
}
