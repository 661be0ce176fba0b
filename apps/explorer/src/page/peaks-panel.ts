import type { Point } from "@voxplain/core";
import { downloads } from "@voxplain/core/web";
import { encodeTable } from "@voxplain/writers";
import { button, element } from "../element.ts";
import type { JobOptions } from "../engine/engine.ts";
import { find } from "../findings/find.ts";
import type { FoundTable } from "../findings/protocol.ts";
import type { Atlas } from "../viewer/atlas.ts";
import type { Drawn } from "../viewer/drawn.ts";
import { numberText } from "../viewer/legend.ts";
import { dataTable } from "./data-table.ts";
import type { Result } from "./shown-map.ts";

export interface PeaksPanel {
  readonly node: HTMLElement;
  setAtlas(atlas: Atlas | undefined): void;
  /** The map that is shown. */
  setShown(result: Result | undefined): void;
}

/** Beyond which value voxels belong to clusters. */
export interface DrawnRange {
  readonly threshold: number;
  readonly absolute: boolean;
}

export interface PeaksPanelParts {
  /** How the map that is shown is drawn. */
  range(): DrawnRange | undefined;
  /** Runs what takes a while. */
  run<T>(title: string, job: (options: Required<JobOptions>) => Promise<T>): Promise<T | undefined>;
  onPeak(place: Point): void;
}

/** More rows than anyone reads; the file has all. */
const mostRows = 50;

/** The clusters of the map that is shown: what exceeds the threshold in one piece, with its peak. */
export function peaksPanel({ range, run, onPeak }: PeaksPanelParts): PeaksPanel {
  let atlas: Atlas | undefined;
  let shown: Drawn | undefined;
  let made: FoundTable | undefined;
  const note = element("p", { class: "hint" });
  const table = dataTable("Clusters of the map that is shown", onPeak);
  const save = button("Save clusters.tsv", () => void saveTable(), { class: "quiet" });
  const make = button("Find clusters", () => void fill(), { class: "secondary", "data-job": true });
  const node = element(
    "details",
    { class: "finding" },
    element("summary", {}, "Peaks of this map"),
    note,
    element("div", { class: "tools" }, make, save),
    table.node,
  );
  const withRegions = ({ columns, rows, ...one }: FoundTable): FoundTable => {
    const by = shown?.isPlaced ? atlas : undefined;
    if (by === undefined) return { ...one, columns, rows, bytes: encodeTable(columns, rows) };
    const regions = rows.map((row) => ({
      ...row,
      region: by.regionAt([Number(row.peak_x), Number(row.peak_y), Number(row.peak_z)]) ?? "outside",
    }));
    const all = [...columns, "region"];
    return { ...one, columns: all, rows: regions, bytes: encodeTable(all, regions) };
  };
  const forget = () => {
    made = undefined;
    note.textContent =
      "Voxels beyond the threshold of the display that touch each other form a cluster. A click on a peak moves the crosshair there.";
    save.hidden = true;
    table.node.hidden = true;
  };
  const fill = async () => {
    const [of, drawn] = [shown, range()];
    if (of === undefined || drawn === undefined) return;
    const { data, shape, affine } = of.map;
    const found = await run("Finding the clusters of the map", ({ signal }) =>
      find({ kind: "peaks", map: { data, shape, affine }, ...drawn }, { signal }),
    );
    const [clusters] = found?.tables ?? [];
    if (clusters === undefined || of !== shown) return;
    made = withRegions(clusters);
    const { length } = made.rows;
    const rest = length > mostRows ? ` The largest ${mostRows} are listed; the file has all.` : "";
    note.textContent = `${length} cluster${length === 1 ? "" : "s"} beyond ${numberText(drawn.threshold, 2)} (voxels that touch at a face, an edge or a corner).${rest}`;
    table.setRows(made.columns, made.rows.slice(0, mostRows));
    table.node.hidden = false;
    save.hidden = false;
  };
  const saveTable = async () => {
    if (made !== undefined) await downloads().write("clusters.tsv", made.bytes);
  };
  node.addEventListener("toggle", () => {
    if (node.open && made === undefined) void fill();
  });
  forget();
  return {
    node,
    setAtlas(given) {
      atlas = given;
      forget();
    },
    setShown(given) {
      if (given?.drawn === shown) return;
      shown = given?.drawn;
      node.hidden = shown === undefined;
      forget();
    },
  };
}
