import { readTableFile } from "@voxplain/caps-io";
import { type FileSource, joinPath, VoxplainError } from "@voxplain/core";
import { readOutcomes, sessionKey } from "./outcomes.ts";
import type { SourceMap } from "./source-map.ts";

/** The maps of a finished job. */
export interface JobMaps {
  /** Those of data.tsv, then `outcome`. */
  readonly columns: readonly string[];
  /** In the order of data.tsv. */
  readonly maps: readonly SourceMap[];
  /** What the positive class of `outcome` is called; undefined where sessions have no outcome. */
  readonly positive: string | undefined;
}

/** The map of a session, the first that is there: of parts that were put together, else the map itself. */
export const mapFiles = ["recomposed.nii.gz", "map.nii.gz", "map.npy"] as const;

/**
 * Reads the folder of a finished job that explained each image: who has a map, where it is, and how the prediction came out.
 * @throws VoxplainError naming file and session: `invalid-file` for a session that is listed twice; `not-found` for a folder without
 * data.tsv, and for a session without a map.
 */
export async function readJobMaps(source: FileSource): Promise<JobMaps> {
  if ((await source.open("data.tsv")) === undefined) {
    throw new VoxplainError("not-found", "it is not a finished job: it has no data.tsv", {
      file: source.name,
      hint: "give the folder of a job with a map for each session, or a table of maps",
    });
  }
  const data = await readTableFile({ source, below: "data.tsv" });
  const file = `${source.name}/data.tsv`;
  if (!data.columns.includes("participant_id")) {
    throw new VoxplainError("invalid-file", 'it has no column "participant_id"', { file });
  }
  if (data.rows.length === 0) throw new VoxplainError("not-found", "it lists no session", { file });
  const rows = data.rows.map(({ fields }) => fields);
  const outcomes = await readOutcomes(source, data);
  const shared = new Set(rows.map((cells) => sessionKey({ ...cells, cohort: "" }))).size < rows.length;
  const seen = new Set<string>();
  const maps: SourceMap[] = [];
  for (const cells of rows) {
    const { participant_id: id = "", cohort = "" } = cells;
    const session = cells.session_id === "n/a" ? "" : (cells.session_id ?? "");
    const plain = joinPath(id, session);
    const below = [...(shared ? [] : [plain]), ...(cohort === "" ? [] : [joinPath(cohort, plain)])];
    // In each cohort the participant of a name is another person.
    const participant = shared && cohort !== "" ? `${cohort}/${id}` : id;
    const name = session === "" ? participant : `${participant} ${session}`;
    if (seen.has(name))
      throw new VoxplainError("invalid-file", "it lists the session twice", { session: name, file });
    seen.add(name);
    const outcome =
      outcomes?.of.get(sessionKey(cells)) ?? outcomes?.of.get(sessionKey({ ...cells, cohort: "" }));
    maps.push({
      ...{ participant, session },
      place: { source, below: await mapIn(source, below, name) },
      cells: { ...cells, outcome: outcome ?? "n/a" },
    });
  }
  return {
    columns: [...data.columns.filter((column) => column !== "outcome"), "outcome"],
    maps,
    positive: outcomes?.positive,
  };
}

async function mapIn(source: FileSource, folders: readonly string[], session: string): Promise<string> {
  for (const folder of folders) {
    for (const name of mapFiles) {
      if ((await source.open(`${folder}/${name}`)) !== undefined) return `${folder}/${name}`;
    }
  }
  throw new VoxplainError("not-found", "there is no map of the session", {
    session,
    file: `${source.name}/${folders[0] ?? ""}`,
    expected: mapFiles.join(" or "),
    hint: "jobs have a map for each session where every image is explained by itself (--level individual)",
  });
}
