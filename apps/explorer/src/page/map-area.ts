import { nearestVoxel, nextTask, type Point, pointAt, type Volume, VoxplainError } from "@voxplain/core";
import { element } from "../element.ts";
import type { Explanation } from "../engine/engine.ts";
import type { Atlas } from "../viewer/atlas.ts";
import type { Display, View } from "../viewer/display.ts";
import { planeOfFlat, strongestVoxel } from "../viewer/geometry.ts";
import { colourLimits } from "../viewer/intensity-range.ts";
import { isMosaic } from "../viewer/plane-layout.ts";
import { commandPanel } from "./command-panel.ts";
import { displayControls, voxelFields } from "./display-controls.ts";
import { downloadButtons } from "./downloads.ts";
import { type MapPanel, mapPanel } from "./map-panel.ts";
import type { KeepableMap, PackedResult } from "./parked-result.ts";
import type { DrawnRange } from "./peaks-panel.ts";
import type { Shown } from "./report/report-of.ts";
import { results } from "./results.ts";
import type { ExplainedMap, Result } from "./shown-map.ts";

export interface MapArea {
  readonly node: HTMLElement;
  /** Puts a map among the results, and shows it. @returns how many older maps were removed, for their memory. */
  add(result: Result): Promise<number>;
  /** Shows maps of an earlier visit. */
  restore(maps: ReadonlyMap<string, PackedResult>): Promise<void>;
  /** Shows the latest map with this label. @returns whether there is one. */
  open(label: string): Promise<boolean>;
  readonly display: Display;
  /** Below which absolute value nothing of the map that is shown is drawn. */
  readonly range: DrawnRange | undefined;
  /** Forgets all maps, and the atlas. */
  clear(): Promise<void>;
  setAtlas(atlas: Atlas): void;
  /** Puts the crosshair to a place in millimetres. */
  moveTo(place: Point): void;
}

export interface MapAreaParts {
  encode(explanation: Explanation, format: "nifti" | "npy"): Promise<Uint8Array>;
  report(shown: readonly Shown[]): Promise<Uint8Array>;
  /** Another map is shown, or none. */
  onShown(result: Result | undefined): void;
  /** Maps came or went. */
  onMaps(maps: ReadonlyMap<string, KeepableMap>): void;
  /** Maps are drawn in another way. */
  onDisplay(display: Display): void;
  /** What is there as long as there is no map. */
  readonly welcome: HTMLElement;
  /** What is below the maps. */
  readonly below: readonly HTMLElement[];
  /** Does something that can fail. */
  readonly act: (job: () => Promise<void>) => void;
}

/** The maps side by side, under one crosshair and one way of drawing. */
export function mapArea({
  encode,
  report,
  act,
  onShown,
  onMaps,
  onDisplay,
  welcome,
  below,
}: MapAreaParts): MapArea {
  let atlas: Atlas | undefined;
  let place: Point | undefined;
  const moveTo = (to: Point, { from, aloud = false }: { from?: number; aloud?: boolean } = {}) => {
    place = to;
    for (const [index, panel] of shownPanels().entries()) {
      panel.readAt(to, atlas, aloud);
      if (index !== from) panel.moveTo(to);
    }
    const map = panels[0].drawn?.map;
    if (map !== undefined) voxels.show(nearestVoxel(map, to), map.shape);
  };
  const panelOf = (name: string, index: number) =>
    mapPanel(name, {
      onMove: (to) => moveTo(to, { from: index }),
      onKey: (to) => moveTo(to, { aloud: true }),
      onTurn: (azimuth, elevation) => shownPanels()[1 - index]?.turnTo(azimuth, elevation),
    });
  const panels: readonly [MapPanel, MapPanel] = [
    panelOf("Map that is shown", 0),
    panelOf("Map beside it", 1),
  ];
  let shownCount = 0;
  /** The others are hidden: drawing them would take as long. */
  const shownPanels = () => panels.slice(0, shownCount);
  const onMap = (placeIn: (map: Volume) => Point, aloud = true) => {
    const map = panels[0].drawn?.map;
    if (map !== undefined) moveTo(placeIn(map), { aloud });
  };
  const voxels = voxelFields(
    (voxel) => onMap((map) => pointAt(voxel, map.affine)),
    () => onMap((map) => pointAt(strongestVoxel(map), map.affine)),
  );
  const hint = element("p", { class: "hint" });
  const showHint = () => {
    const map = panels[0].drawn?.map;
    hint.textContent = hintFor(display.display.view, map !== undefined && planeOfFlat(map) !== undefined);
  };
  let end: number | undefined;
  /** Where the colours of the map that is shown end. */
  let limit: number | undefined;
  const display = displayControls((given) => {
    for (const panel of shownPanels()) panel.setDisplay(given);
    onDisplay(given);
    showHint();
    if (given.end === end) return;
    end = given.end;
    act(show);
  });
  let shows = 0;
  const show = async () => {
    const own = ++shows;
    const shown = await maps.shown();
    // Sorting and drawing take a while each, and so did what came before.
    await nextTask();
    // Others were chosen while these were read.
    if (own !== shows) return;
    shownCount = shown.length;
    node.classList.toggle("compares", shown.length > 1);
    node.classList.toggle("is-empty", shown.length === 0);
    const limits = colourLimits(
      shown.map(({ drawn }) => drawn),
      display.display.end,
    );
    [limit] = limits;
    if (display.display.end === undefined) display.setAutomaticEnd(limits[0]);
    onShown(shown[0]);
    command.setShown(shown[0]);
    for (const [index, { drawn }] of shown.entries()) {
      const panel = panels[index]!;
      const limitOf = limits[index]!;
      if (panel.drawn === drawn) panel.setLimit(limitOf, display.display);
      else await panel.show(drawn, display.display, limitOf, place);
    }
    showHint();
    if (shown.length > 0) onMap((map) => place ?? pointAt(strongestVoxel(map), map.affine), false);
    // Now that no map is on its way: parking takes memory, too.
    await maps.parkOthers();
  };
  const maps = results(() => act(show), onMaps);
  const pictures = async () =>
    Promise.all(
      (await maps.shown()).map(async (result, index) => {
        const panel = panels[index]!;
        const picture = await panel.picture(display.display);
        return { drawn: result.drawn, explained: explainedBy(result), picture };
      }),
    );
  const command = commandPanel();
  const save = downloadButtons(
    {
      nifti: async (result) =>
        result.file === undefined
          ? encode(explainedBy(result).explanation, "nifti")
          : new Uint8Array(await result.file.arrayBuffer()),
      npy: async (result) => encode(explainedBy(result).explanation, "npy"),
      png: async () => new Uint8Array(await (await panels[0].picture(display.display)).arrayBuffer()),
      svg: async () => new Uint8Array(await (await panels[0].picture(display.display, "svg")).arrayBuffer()),
      report: async () => report(await pictures()),
    },
    command.copy,
    async () => (await maps.shown())[0],
    act,
  );
  const node = element(
    "main",
    { class: "map-area is-empty" },
    welcome,
    element("div", { class: "toolbar" }, maps.node, save),
    element("div", { class: "toolbar" }, display.node, voxels.node, display.more),
    element("div", { class: "maps" }, ...panels.map((panel) => panel.node)),
    hint,
    ...below,
    command.node,
  );
  return {
    node,
    async add(result) {
      const removed = maps.add(result);
      await show();
      return removed;
    },
    restore(kept) {
      maps.restore(kept);
      return show();
    },
    async open(label) {
      if (!maps.select(label)) return false;
      await show();
      return true;
    },
    get display() {
      return display.display;
    },
    get range() {
      const { threshold, absolute } = display.display;
      return limit === undefined ? undefined : { threshold: threshold * limit, absolute };
    },
    clear() {
      maps.clear();
      [atlas, place] = [undefined, undefined];
      return show();
    },
    setAtlas(given) {
      atlas = given;
      if (place !== undefined) moveTo(place);
    },
    moveTo: (to) => moveTo(to, { aloud: true }),
  };
}

/** @throws VoxplainError `unsupported` for a map that was found in many, or shipped with the page. */
function explainedBy({ explained, drawn }: Result): ExplainedMap {
  if (explained !== undefined) return explained;
  throw new VoxplainError("unsupported", `${drawn.title} was not computed here from one image`, {
    hint: "save it as NIfTI, or the files of the comparison; Explain makes a map with all that a report needs",
  });
}

/** What the mouse and the keys do in a view. */
function hintFor(view: View, isPicture: boolean): string {
  if (isPicture) return "Click to move the crosshair, or focus the picture and use the arrow keys.";
  if (isMosaic(view)) return "Click a voxel to read its value.";
  if (view === "rendering") return "Drag the rendering to turn it.";
  const planes =
    "Click to move the crosshair, or focus the map and use the arrow keys, Page Up and Page Down; scroll for other slices.";
  return view === "planes" ? `${planes} Drag the rendering to turn it.` : planes;
}
