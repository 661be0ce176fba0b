import { imageEnding, type Session } from "@voxplain/caps-io";
import { nextTask, type Volume } from "@voxplain/core";
import { readJobMaps, sessionFolders } from "@voxplain/results/findings";
import { cohortTables, type Model, metricsOf, metricsTable, sessionPrediction } from "@voxplain/study";
import { encodeTable } from "@voxplain/writers";
import { receivedFiles, type SentFiles } from "../findings/sent-files.ts";
import { encodeExplanation } from "./encode.ts";
import type { ExplainedCohort, Explanation, GroupColumn } from "./engine.ts";
import type { Explained } from "./explain.ts";

/** Keeps the maps of a cohort as the files of a finished job of the command. */
export interface KeptMaps {
  add(explained: Explained, explanation: Explanation): Promise<void>;
  /** Undefined where there are none. */
  finish(model: Model): Promise<ExplainedCohort | undefined>;
}

interface KeptMap {
  readonly session: Session;
  readonly prediction: ReturnType<typeof sessionPrediction>;
  readonly map: Blob;
  readonly target: number;
}

export function keptMaps(): KeptMaps {
  const kept: KeptMap[] = [];
  let anatomy: Volume | undefined;
  /** Without its voxels: the maps of a cohort would not all go otherwise. */
  let first: Pick<Explanation, "request" | "isPlaced"> | undefined;
  return {
    async add({ image }, explanation) {
      const session = withParticipant(image.session);
      const bytes = await encodeExplanation(explanation, "nifti");
      await nextTask();
      first ??= { request: explanation.request, isPlaced: explanation.isPlaced };
      anatomy = added(anatomy, explanation.anatomy);
      kept.push({
        ...{ session, target: image.target },
        prediction: { ...sessionPrediction(image), session },
        // The browser keeps it where it wants, on disk if need be.
        map: new Blob([bytes as Uint8Array<ArrayBuffer>]),
      });
    },
    async finish(model) {
      if (first === undefined || anatomy === undefined) return undefined;
      const job = jobOf(kept, model);
      const { columns, maps, positive } = await readJobMaps(receivedFiles(job));
      const valuesIn = (column: string) => maps.map(({ cells }) => cells[column] ?? "");
      const groups = columns
        .toSorted((a, b) => rankOf(a) - rankOf(b))
        .flatMap((column) => groupsIn(column, valuesIn(column)));
      const { request, isPlaced } = first;
      const targets = new Set(kept.map(({ target }) => target));
      return {
        ...{ job, request, isPlaced, groups, positive, count: kept.length },
        anatomy: { ...anatomy, data: anatomy.data.map((sum) => sum / kept.length) },
        warnings: targets.size > 1 ? [differentTargets] : [],
      };
    },
  };
}

const differentTargets =
  "the maps explain different classes, each image its own: their differences may be those of the classes; choose one class, and " +
  "explain all again";

/**
 * In jobs of the command everybody is a participant: a file of its own is one by its name. Lists that are named after a diagnosis need
 * no column of it, tables of jobs do.
 */
function withParticipant(given: Session): Session {
  const { diagnosis, row } = given;
  const session = {
    ...given,
    row: diagnosis === "" ? row : { ...row, diagnosis: row.diagnosis || diagnosis },
  };
  if (session.participantId !== "") return session;
  const participantId = session.name.slice(0, session.name.length - (imageEnding(session.name)?.length ?? 0));
  return {
    ...session,
    participantId,
    row: { participant_id: participantId, session_id: "n/a", ...session.row },
  };
}

function jobOf(kept: readonly KeptMap[], model: Model): SentFiles {
  const files = new Map<string, Blob>();
  const folderOf = sessionFolders({ images: kept });
  for (const { session, map } of kept) files.set(`${folderOf(session)}map.nii.gz`, map);
  const predictions = kept.map(({ prediction }) => prediction);
  const columns = new Set([
    ...["participant_id", "session_id"],
    ...kept.flatMap(({ session }) => Object.keys(session.row)),
  ]);
  const used = kept.map(({ session }) => session);
  const task = { columns: [...columns], sessions: used };
  const tables = cohortTables({ model }, task, { predictions, failures: [], used });
  const metrics = metricsOf(predictions, model);
  const all = { ...tables, ...(metrics.length > 0 && { "metrics.tsv": metricsTable(metrics, model) }) };
  for (const [name, table] of Object.entries(all)) {
    files.set(name, new Blob([encodeTable(table.columns, table.rows) as Uint8Array<ArrayBuffer>]));
  }
  return { name: "cohort", files };
}

/** What groups are mostly made of comes first. */
function rankOf(column: string): number {
  return column === "diagnosis" ? 0 : column === "outcome" ? 1 : 2;
}

/** So many groups are compared in twos; a column of more is no column of groups. */
const mostGroups = 50;

function groupsIn(column: string, values: readonly string[]): readonly GroupColumn[] {
  const counts = new Map<string, number>();
  for (const value of values) {
    if (value === "" || value.toLowerCase() === "n/a") continue;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  // "single" is what the only cohort is called.
  const isOfGroups =
    counts.size > 0 && counts.size <= mostGroups && column !== "participant_id" && !counts.has("single");
  return isOfGroups ? [{ column, groups: [...counts].map(([value, count]) => ({ value, count })) }] : [];
}

/** In place. Images that cannot be laid over each other are not compared: those of another shape do not count. */
function added(sum: Volume | undefined, { data, ...volume }: Volume): Volume {
  if (sum === undefined) return { ...volume, data: data.slice() };
  if (sum.data.length !== data.length) return sum;
  for (let v = 0; v < data.length; v++) sum.data[v] = (sum.data[v] ?? 0) + (data[v] ?? 0);
  return sum;
}
