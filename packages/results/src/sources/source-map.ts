import type { FilePlace } from "@voxplain/caps-io";

/** One map of a source. */
export interface SourceMap {
  /** Whose map it is. */
  readonly participant: string;
  /** Which of the participant's sessions; "" where there is one only. */
  readonly session: string;
  /** Its file. */
  readonly place: FilePlace;
  /** Cells of the table that lists it, by column; of a job also `outcome`. */
  readonly cells: Readonly<Record<string, string>>;
}

/** What a map is called in messages. */
export function mapName({ participant, session }: Pick<SourceMap, "participant" | "session">): string {
  return session === "" ? participant : `${participant} ${session}`;
}
