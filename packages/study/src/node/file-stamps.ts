import { stat } from "node:fs/promises";
import { openFile } from "@voxplain/core/node";
import type { FileStamp, ReadFileRecord } from "../finished/finished-session.ts";
import { sha256OfFile } from "./sha256-of-file.ts";

/** The size of a file of this machine and when it was changed last; undefined where there is none. */
export async function fileStamp(path: string): Promise<FileStamp | undefined> {
  const info = await stat(path).catch(() => undefined);
  return info && { size: info.size, changed: info.mtimeMs };
}

/**
 * What has become of a file since it was recorded; undefined where it is the same.
 * @param trustsTime - Whether a file of the same size and time is the same; else its bytes are hashed.
 */
export async function changeOf(
  { file, sha256, stamp }: Pick<ReadFileRecord, "file" | "sha256" | "stamp">,
  trustsTime: boolean,
): Promise<"gone" | "changed" | undefined> {
  const now = await fileStamp(file);
  if (now === undefined) return "gone";
  if (stamp !== undefined && now.size !== stamp.size) return "changed";
  if (trustsTime && stamp !== undefined) return now.changed === stamp.changed ? undefined : "changed";
  const source = { name: "", list: async () => undefined, open: openFile };
  return (await sha256OfFile(source, file)) === sha256 ? undefined : "changed";
}
