import { readLabelFile } from "@voxplain/caps-io";
import { type FileSource, isVoxplainError } from "@voxplain/core";

/** Everyone that the networks of a MAPS have seen, in any fold, those of a transferred model included. */
const list = "groups/train+validation.tsv";

/**
 * The IDs of the participants that a MAPS was trained or validated with.
 * @returns undefined where the folder has no list of them, or one that cannot be read.
 */
export async function seenInTraining(source: FileSource): Promise<ReadonlySet<string> | undefined> {
  try {
    const { sessions } = await readLabelFile(source, list, "");
    return new Set(sessions.map(({ participantId }) => participantId));
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return undefined;
  }
}
