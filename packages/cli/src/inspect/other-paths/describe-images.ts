import { isTable, readTableColumns } from "@voxplain/caps-io";
import { type FileEntry, isVoxplainError } from "@voxplain/core";
import { shellWord } from "@voxplain/report";
import { openImages } from "@voxplain/study";
import { imagesAt, type Place } from "@voxplain/study/node";
import type { Row } from "../table-text.ts";
import { isParticipant, mostLooked } from "./folder-entries.ts";
import type { OtherPath } from "./path-facts.ts";

/** A BIDS dataset or derivative with its images. */
export async function describeBids(place: Place): Promise<OtherPath> {
  const participants = ((await place.source.list("")) ?? []).filter(isParticipant);
  const start: Row[] = [
    ["path", place.path],
    ["it is", "a BIDS dataset or derivative"],
    ["participants", String(participants.length)],
  ];
  return withImages(place, "BIDS dataset", start);
}

/** A table of images, of cohorts or of sessions. @returns undefined for any other. */
export async function describeTable(place: Place): Promise<OtherPath | undefined> {
  const columns = await readTableColumns(place);
  if (columns === undefined) return undefined;
  const start: Row[] = [["path", place.path]];
  if (columns.includes("image") || columns.includes("path")) {
    if (columns.includes("participant_id")) {
      return withImages(place, "table", [
        ...start,
        ["it is", "a table of images"],
        ["columns", columnsText(columns)],
      ]);
    }
  }
  const isCohorts = columns.includes("cohort") && columns.includes("path");
  if (!isCohorts && !columns.includes("participant_id")) return undefined;
  const what = isCohorts
    ? "a table of cohorts, each with its folder"
    : `a list of sessions${columns.includes("diagnosis") ? " with their diagnoses" : ""}`;
  const options = isCohorts
    ? ["--multi_cohort --caps_dir CAPS_TABLE --tsv_path", shellWord(place.path)]
    : ["--caps_dir CAPS --tsv_path", shellWord(place.path)];
  return {
    kind: "table",
    rows: [...start, ["it is", what], ["columns", columnsText(columns)]],
    problems: [],
    commands: [["voxplain predict MODEL --use_cpu", ...options].join(" ")],
  };
}

/** A damaged table may have thousands. */
const mostColumns = 100;

function columnsText(columns: readonly string[]): string {
  const some = columns.slice(0, mostColumns).join(", ");
  return columns.length > mostColumns ? `${some} and ${columns.length - mostColumns} more` : some;
}

/** The images that a table or a dataset gives without a model. */
async function withImages(place: Place, kind: OtherPath["kind"], start: readonly Row[]): Promise<OtherPath> {
  const command = `voxplain predict MODEL --use_cpu --images ${shellWord(place.path)}`;
  try {
    const { images, failures, problems, notes, columns } = await openImages(imagesAt(place.path));
    return {
      kind,
      rows: [
        ...start,
        [
          "images",
          `${images.length} ${images.length === 1 ? "session" : "sessions"}${failures.length > 0 ? `, and ${failures.length} whose image is missing` : ""}`,
        ],
        ...(kind === "table" ? [] : [["columns", columnsText(columns) || "none"] satisfies Row]),
      ],
      notes,
      problems: [
        ...problems.map(({ message }) => message),
        ...failures.slice(0, 10).map(({ error }) => error.message),
      ],
      commands: [command],
    };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return { kind, rows: start, problems: [error.message], commands: [command] };
  }
}

/** A folder with a table of sessions for each diagnosis. */
export async function describeLabelLists(
  { path, source }: Place,
  entries: readonly FileEntry[],
): Promise<OtherPath | undefined> {
  const lists: string[] = [];
  for (const { name } of entries
    .filter((entry) => entry.kind === "file" && isTable(entry.name))
    .slice(0, mostLooked)) {
    const columns = await readTableColumns({ source, below: name });
    if (columns?.includes("participant_id")) lists.push(name);
  }
  if (lists.length === 0) return undefined;
  return {
    kind: "label lists",
    rows: [
      ["path", path],
      ["it is", `a folder of lists of sessions: ${lists.join(", ")}`],
    ],
    problems: [],
    commands: [`voxplain predict MODEL --use_cpu --caps_dir CAPS --tsv_path ${shellWord(path)}`],
  };
}
