import { VoxplainError } from "../errors.ts";

/** Says in a sentence what the system refused. */
export function ioFailure(action: "read" | "write", path: string): (error: unknown) => never {
  return (error) => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error));
    throw new VoxplainError("io-failure", `cannot ${action} ${path}: ${reason}`, { cause: error });
  };
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the disk quota is used up",
  EMFILE: "too many files are open",
  EISDIR: "it is a folder",
  ENOENT: "the folder that it belongs into does not exist",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a part of the path is a file, not a folder",
};
