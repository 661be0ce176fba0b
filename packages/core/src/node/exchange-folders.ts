import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";

/**
 * Gives each of two folders the name of the other in one step, so that neither is ever missing. Linux can do that on its own
 * file systems (renameat2 with RENAME_EXCHANGE; not on NFS), but Node cannot ask for it: a program of the system does.
 * @returns Whether it happened; otherwise both are as they were.
 */
export function exchangeFolders(one: string, other: string): boolean {
  if (process.platform !== "linux") return false;
  const before = identity(one);
  // One shell tries them all: to start a program takes a large process tens of milliseconds.
  const call = String(systemCalls[process.arch] ?? "");
  spawnSync("sh", ["-c", script, "sh", one, other, call, perl], { stdio: "ignore", timeout: 10_000 });
  return identity(other) === before;
}

/** util-linux 2.40 and coreutils 9.5 are of 2024. */
const script = [
  'exch "$1" "$2"',
  ["mv", "--exchange", "--no-target-directory", '"$1" "$2"'].join(" "),
  'perl -e "$4" "$3" "$1" "$2"',
].join(" || ");

/** Numbers of renameat2. */
const systemCalls: Readonly<Record<string, number>> = { x64: 316, arm64: 276 };

/** AT_FDCWD is -100, RENAME_EXCHANGE 2. */
const perl =
  "my ($call, $one, $other) = @ARGV; exit(!$call || !!syscall($call + 0, -100, $one, -100, $other, 2))";

function identity(path: string): string | undefined {
  const info = statSync(path, { bigint: true, throwIfNoEntry: false });
  return info && `${info.dev} ${info.ino}`;
}
