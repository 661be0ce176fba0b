import { nearestVoxel, type Point, pointAt } from "@voxplain/core";
import { element } from "../element.ts";
import type { Atlas } from "../viewer/atlas.ts";
import { placeAfterKey } from "../viewer/crosshair-keys.ts";
import type { Display } from "../viewer/display.ts";
import type { Drawn } from "../viewer/drawn.ts";
import { figureOf, pngFigure, svgFigure } from "../viewer/figure.ts";
import { planeOfFlat, valueAt } from "../viewer/geometry.ts";
import { legendNodes, numberText } from "../viewer/legend.ts";
import type { PlaneMark } from "../viewer/plane-layout.ts";
import { openViewer, type Viewer, type ViewerEvents } from "../viewer/viewer.ts";

/** A map with its caption, and what is at the crosshair. */
export interface MapPanel {
  readonly node: HTMLElement;
  readonly drawn: Drawn | undefined;
  show(drawn: Drawn, display: Display, limit: number, place?: Point): Promise<void>;
  /** The value at which colours end. */
  setLimit(limit: number, display: Display): void;
  setDisplay(display: Display): void;
  moveTo(place: Point): void;
  turnTo(azimuth: number, elevation: number): void;
  /** What is at a place is read out where it was reached by keys: a mouse passes too many. */
  readAt(place: Point, atlas: Atlas | undefined, aloud: boolean): void;
  /** What is seen, with its title and its colours: PNG, or SVG whose words and scale are text and shapes. */
  picture(display: Display, format?: "png" | "svg"): Promise<Blob>;
  /** Frees the memory of the drawing. The panel is not used again. */
  close(): void;
}

export interface MapPanelEvents extends Pick<ViewerEvents, "onMove" | "onTurn"> {
  /** Keys put the crosshair to a place in millimetres. */
  onKey(place: Point): void;
}

export function mapPanel(name: string, events: MapPanelEvents): MapPanel {
  let viewer: Promise<Viewer> | undefined;
  let drawn: Drawn | undefined;
  let at: Point | undefined;
  const title = element("h2", {});
  const subtitle = element("p", { class: "caption" });
  const canvas = element("canvas", {
    tabindex: 0,
    // Screen readers pass keys on to applications only.
    role: "application",
    "aria-label": `${name}: arrow keys, page up and page down move the crosshair`,
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || drawn === undefined || at === undefined) return;
    const steps = event.shiftKey ? 5 : 1;
    const to = placeAfterKey(drawn.map, at, event.key, { steps, radiological });
    if (to === undefined) return;
    event.preventDefault();
    events.onKey(to);
  });
  // NiiVue has unexpected keys of its own: "m" makes dragging measure, "v" hides planes.
  for (const kind of ["keydown", "keyup"] as const) {
    canvas.addEventListener(kind, (event) => event.stopImmediatePropagation());
  }
  const marks = element("div", { class: "letters", "aria-hidden": true });
  let shownMarks: readonly PlaneMark[] = [];
  const onLayout = (given: readonly PlaneMark[]) => {
    shownMarks = given;
    marks.replaceChildren(
      ...given.map(({ text, edge, x, y }) => {
        const mark = element("span", { "data-edge": edge }, text);
        mark.style.setProperty("--x", String(x));
        mark.style.setProperty("--y", String(y));
        return mark;
      }),
    );
  };
  const setTitles = (of: Drawn) => {
    title.textContent = of.title;
    subtitle.textContent = of.caption;
  };
  const convention = element("p", { class: "convention" });
  let radiological = false;
  const showConvention = (display: Display) => {
    radiological = display.radiological;
    convention.textContent = drawn === undefined ? "" : conventionOf(drawn, display);
    convention.hidden = convention.textContent === "";
  };
  const cell = (label: string, wide = false) => {
    const value = element("dd", {}, "–");
    return {
      node: element("div", { class: wide ? "wide" : undefined }, element("dt", {}, label), value),
      value,
    };
  };
  const voxel = cell("Voxel");
  const millimetres = cell("Position (mm)");
  const value = cell("Map value");
  const region = cell("Atlas region", true);
  const readout = element(
    "dl",
    {
      class: "readout",
      "aria-live": "off",
      "aria-atomic": true,
      "aria-label": `Crosshair in the ${name.toLowerCase()}`,
    },
    ...[voxel, millimetres, value, region].map(({ node }) => node),
  );
  const key = element("div", { class: "legend" });
  const showLegend = async (display: Display) => {
    const open = await viewer;
    if (open !== undefined) key.replaceChildren(...legendNodes(open.legend(display)));
  };
  const drawing = element("div", { class: "canvas" }, canvas, marks, convention);
  const node = element(
    "section",
    { class: "map", "aria-label": name },
    element("header", {}, title, subtitle),
    drawing,
    element("footer", {}, readout, key),
  );

  let redraws = 0;
  const redraw = async (change: (open: Viewer) => Promise<void>, display: Display) => {
    if (viewer === undefined) return;
    redraws++;
    node.setAttribute("aria-busy", "true");
    try {
      await change(await viewer);
    } finally {
      redraws--;
      if (redraws === 0) node.removeAttribute("aria-busy");
    }
    await showLegend(display);
  };

  return {
    node,
    get drawn() {
      return drawn;
    },
    async show(given, display, limit, place) {
      // The titles of a picture stay until another one is drawn.
      if (drawn === undefined) setTitles(given);
      drawn = given;
      viewer ??= openViewer(canvas, { onMove: events.onMove, onTurn: events.onTurn, onLayout });
      // Without a position in space, left and right are unknown.
      marks.hidden = !given.isPlaced;
      showConvention(display);
      drawing.setAttribute("aria-busy", "true");
      try {
        await (await viewer).show(given, display, limit, place);
      } finally {
        drawing.removeAttribute("aria-busy");
      }
      setTitles(given);
      await showLegend(display);
    },
    setLimit(limit, display) {
      // It may have been hidden when the display changed.
      showConvention(display);
      void redraw((open) => open.setLimit(limit, display), display);
    },
    setDisplay(display) {
      showConvention(display);
      void redraw((open) => open.setDisplay(display), display);
    },
    moveTo(place) {
      void viewer?.then((open) => open.moveTo(place));
    },
    turnTo(azimuth, elevation) {
      void viewer?.then((open) => open.turnTo(azimuth, elevation));
    },
    readAt(place, atlas, aloud) {
      at = place;
      readout.setAttribute("aria-live", aloud ? "polite" : "off");
      if (drawn === undefined) return;
      const { map, isPlaced } = drawn;
      const index = nearestVoxel(map, place);
      voxel.value.textContent = index.join("  ");
      millimetres.value.textContent = isPlaced
        ? pointAt(index, map.affine)
            .map((length) => length.toFixed(1).replace("-", "−"))
            .join("  ")
        : "unknown";
      const found = valueAt(map, index);
      value.value.textContent = numberText(found);
      value.value.dataset.value = String(found);
      region.value.textContent =
        atlas === undefined || !isPlaced
          ? "no atlas"
          : regionText(atlas.regionAt(pointAt(index, map.affine)));
    },
    async picture(display, format = "png") {
      const open = await viewer;
      if (open === undefined || drawn === undefined) throw new Error("nothing is shown");
      const drawing = await open.picture();
      const figure = figureOf(drawing, {
        titles: [title.textContent, subtitle.textContent],
        note: conventionOf(drawn, display),
        marks: marks.hidden ? [] : shownMarks,
        legend: open.legend(display),
      });
      const made =
        format === "png"
          ? await pngFigure(drawing, figure)
          : new Blob([svgFigure(await dataUrlOf(drawing), figure)], { type: "image/svg+xml" });
      drawing.close();
      return made;
    },
    close() {
      drawn = undefined;
      void viewer?.then((open) => open.close());
    },
  };
}

/** Where left is; "" for pictures, which have no left. */
function conventionOf({ map, isPlaced }: Drawn, { radiological }: Display): string {
  if (!isPlaced) return planeOfFlat(map) === undefined ? "Orientation unknown" : "";
  return radiological ? "Radiological: left is right" : "Neurological: left is left";
}

async function dataUrlOf(drawing: ImageBitmap): Promise<string> {
  const canvas = element("canvas", { width: drawing.width, height: drawing.height });
  canvas.getContext("2d")?.drawImage(drawing, 0, 0);
  return canvas.toDataURL("image/png");
}

function regionText(region: string | undefined): string {
  return region?.replaceAll("_", " ") ?? "outside all regions";
}
