import type { ImageInput } from "@voxplain/caps-io";
import { sha256OfFile } from "./sha256-of-file.ts";

/** A file that an image was read from, for the provenance of a result. */
export interface RecordedInput {
  /** null for an image that is in no cohort. */
  readonly participant: string | null;
  /** null for an image that is in no cohort. */
  readonly session: string | null;
  /** Its path. */
  readonly file: string;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

/** The files that an image was read from, with their hashes. @throws VoxplainError where one is gone. */
export async function inputRecords({
  session,
  source,
  files,
}: ImageInput): Promise<readonly RecordedInput[]> {
  // Loose files have neither.
  const [participant, visit] = [session.participantId, session.sessionId].map((id) => id || null);
  const records: RecordedInput[] = [];
  for (const file of files) {
    const sha256 = await sha256OfFile(source, file);
    records.push({
      ...{ participant: participant ?? null, session: visit ?? null },
      ...{ file: `${source.name}/${file}`, sha256 },
    });
  }
  return records;
}
