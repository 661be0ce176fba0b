import type { Point } from "@voxplain/core";
import { downloads } from "@voxplain/core/web";
import { button, element } from "../element.ts";
import type { ExplorerEngine, JobOptions } from "../engine/engine.ts";
import { find } from "../findings/find.ts";
import type { FoundTable } from "../findings/protocol.ts";
import { type SentFile, sentFile } from "../findings/sent-files.ts";
import type { Atlas } from "../viewer/atlas.ts";
import type { Drawn } from "../viewer/drawn.ts";
import { dataTable } from "./data-table.ts";
import type { Result } from "./shown-map.ts";

export interface RegionsPanel {
  readonly node: HTMLElement;
  setAtlas(atlas: Atlas | undefined): void;
  /** The map that is shown. */
  setShown(result: Result | undefined): void;
}

export interface RegionsPanelParts {
  readonly encode: ExplorerEngine["encode"];
  /** Runs what takes a while. */
  run<T>(title: string, job: (options: Required<JobOptions>) => Promise<T>): Promise<T | undefined>;
  complain(warnings: readonly string[]): void;
  onPeak(place: Point): void;
  /** Asks for the files of an atlas. */
  chooseAtlas(): void;
}

/** What the map that is shown holds in the regions of the atlas: the table of `voxplain regions`. */
export function regionsPanel({
  encode,
  run,
  complain,
  onPeak,
  chooseAtlas,
}: RegionsPanelParts): RegionsPanel {
  let atlas: Atlas | undefined;
  let shown: Result | undefined;
  let made: { readonly of: Drawn; readonly by: Atlas; readonly table: FoundTable } | undefined;
  const note = element("p", { class: "hint" });
  const table = dataTable("Regions of the map that is shown", onPeak);
  const save = button("Save regions.tsv", () => void saveTable(), { class: "quiet" });
  const make = button("Make the table", () => void fill(), { class: "secondary", "data-job": true });
  const choose = button("Choose an atlas…", chooseAtlas, { class: "quiet" });
  const node = element(
    "details",
    { class: "finding" },
    element("summary", {}, "Regions of this map"),
    note,
    element("div", { class: "tools" }, make, save, choose),
    table.node,
  );
  const isCurrent = () => made !== undefined && made.of === shown?.drawn && made.by === atlas;
  const show = () => {
    const isThere = isCurrent();
    note.textContent =
      atlas === undefined
        ? "There is no atlas yet: choose one, or drop it here, an image of labels together with the file that names its regions."
        : `Regions of ${atlas.name}, as voxplain regions has them: the sum of the map, its mean, its share of all |m| and its peak.`;
    make.hidden = atlas === undefined || isThere;
    save.hidden = !isThere;
    table.node.hidden = !isThere;
  };
  const fill = async () => {
    const [map, by] = [shown, atlas];
    if (map === undefined || by === undefined || isCurrent()) return;
    const found = await run("Regions of the map", async ({ signal }) =>
      find({ kind: "regions", ...(await sentMap(map, encode)), atlas: await sentAtlas(by) }, { signal }),
    );
    const regions = found?.tables.find(({ name }) => name === "regions.tsv");
    if (found === undefined || regions === undefined) return;
    complain(found.warnings);
    made = { of: map.drawn, by, table: regions };
    const hidden = ["source", "participant_id", "session_id"];
    table.setRows(
      regions.columns.filter((column) => !hidden.includes(column)),
      regions.rows,
    );
    show();
  };
  const saveTable = async () => {
    if (made !== undefined) await downloads().write("regions.tsv", made.table.bytes);
  };
  node.addEventListener("toggle", () => {
    if (node.open) void fill();
  });
  show();
  return {
    node,
    setAtlas(given) {
      atlas = given;
      show();
      if (node.open) void fill();
    },
    setShown(given) {
      shown = given;
      show();
    },
  };
}

/** The atlas as it can be sent to a worker. */
export async function sentAtlas({ place, labels }: Atlas) {
  return {
    image: await sentFile(place.source, place.below),
    labels: labels && (await sentFile(labels.source, labels.below)),
  };
}

/** The map as the file that a download gives, and whose it is. */
async function sentMap(
  { drawn, explained, file }: Result,
  encode: ExplorerEngine["encode"],
): Promise<{ readonly map: SentFile; readonly participant: string; readonly session: string }> {
  const below = `${drawn.fileName}.nii.gz`;
  const bytes = explained && (await encode(explained.explanation, "nifti"));
  const blob = bytes === undefined ? file : new Blob([bytes as Uint8Array<ArrayBuffer>]);
  if (blob === undefined) throw new RangeError("a map is an explanation or a file");
  const { participantId = drawn.fileName, sessionId = "" } = explained?.explanation.image ?? {};
  const map = { from: { name: "maps", files: new Map([[below, blob]]) }, below };
  return { map, participant: participantId, session: sessionId };
}
