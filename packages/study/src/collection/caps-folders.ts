import { type FilePath, type FileSource, VoxplainError } from "@voxplain/core";
import { listSessions } from "../cohort/list-sessions.ts";
import type { HeldSessions } from "./collection.ts";
import { folderIn } from "./folder-in.ts";

/**
 * A CAPS that `recognizeFiles` found, with its sessions.
 * @throws VoxplainError `not-found` where it has none.
 */
export async function openCapsFolder(
  files: FileSource,
  path: FilePath,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<HeldSessions> {
  const caps = folderIn(files, path);
  const sessions = await listSessions(caps, { signal });
  if (sessions.length > 0) return { files: caps, sessions };
  const problem = `${caps.name} has a folder subjects, but no participant with a session (sub-…/ses-…) in it`;
  throw new VoxplainError("not-found", problem);
}
