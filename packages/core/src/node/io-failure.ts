import { constants } from "node:os";
import { VoxplainError } from "../errors.ts";

/**
 * Says in a sentence what the system refused, and what to do.
 * @param hint - What to do, where that is not the same for all files.
 */
export function ioFailure(action: "read" | "write", path: string, hint?: string): (error: unknown) => never {
  return (error) => {
    const code = codeOf(error);
    const [reason, remedy] = reasons[code] ?? [error instanceof Error ? error.message : String(error)];
    throw new VoxplainError("io-failure", `cannot ${action} ${path}: ${reason}`, {
      ...{ cause: error, hint: hint ?? remedy },
    });
  };
}

/** Node has no name for some errors of the system: "Unknown system error -122" is a quota that is used up. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error && "code" in error)) return "";
  const number = /^Unknown system error -(\d+)$/.exec(String(error.code))?.[1];
  const [name = ""] = Object.entries(constants.errno).find(([, value]) => value === Number(number)) ?? [];
  return number === undefined ? String(error.code) : name;
}

/** What is wrong, and what to do. */
const reasons: Readonly<Record<string, readonly [string, string]>> = {
  EACCES: ["permission denied", "get the permission, or choose another place"],
  EPERM: ["permission denied", "get the permission, or choose another place"],
  EROFS: ["the file system is read-only", "choose another place"],
  ENOSPC: ["no space is left on the disk", "make room, or choose another place"],
  EDQUOT: ["the disk quota is used up", "make room, or choose another place"],
  EIO: [
    "the disk reports an error",
    "choose another place, or run the command again when the disk is in order",
  ],
  EFBIG: ["the file is larger than files may be", "raise the limit (ulimit -f)"],
  EMFILE: ["too many files are open", "raise the limit (ulimit -n)"],
  ENFILE: ["too many files are open on this machine", "run the command again when fewer are"],
  ESTALE: ["the file server does not know it any more", "run the command again"],
  EISDIR: ["it is a folder", "choose another name"],
  ENOENT: ["the folder that it belongs into does not exist", "make it, and run the command again"],
  ENOTDIR: ["a part of the path is a file, not a folder", "choose another place"],
  EEXIST: ["a part of the path is a file, not a folder", "choose another place"],
};
