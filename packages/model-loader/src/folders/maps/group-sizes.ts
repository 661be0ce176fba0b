import { isVoxplainError } from "@voxplain/core";
import type { ModelFolder } from "../folder-content.ts";
import { type DataGroup, readDataList } from "./data-groups.ts";

/** A data group with what its list holds. */
export interface SizedGroup extends DataGroup {
  /** Rows of its list; undefined where it cannot be read. */
  readonly sessionCount: number | undefined;
  /** Whether the list has a column of the label. */
  readonly hasLabels: boolean;
  /** The first sessions of its list. */
  readonly firstSessions: readonly {
    /** `sub-<label>`. */
    readonly participantId: string;
    /** `ses-<label>`. */
    readonly sessionId: string;
  }[];
}

const mostFirst = 20;

/** The data groups of a model folder with their sizes. */
export async function sizedGroups({
  source,
  groups,
  settings,
}: Pick<ModelFolder, "source" | "groups" | "settings">): Promise<readonly SizedGroup[]> {
  const sized: SizedGroup[] = [];
  for (const group of groups) {
    try {
      const { columns, rows } = await readDataList(source, group.file);
      const hasLabels = settings.label !== undefined && columns.includes(settings.label);
      const [participant, session] = ["participant_id", "session_id"].map((name) => columns.indexOf(name));
      const firstSessions = rows.slice(0, mostFirst).map((row) => ({
        participantId: row[participant ?? -1] ?? "",
        sessionId: row[session ?? -1] ?? "",
      }));
      sized.push({ ...group, sessionCount: rows.length, hasLabels, firstSessions });
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      sized.push({ ...group, sessionCount: undefined, hasLabels: false, firstSessions: [] });
    }
  }
  return sized;
}
