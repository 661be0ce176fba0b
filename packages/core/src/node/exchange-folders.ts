import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";

/**
 * Gives each of two folders the name of the other in one step, so that nobody ever misses one of them. Linux can do that on its own
 * file systems (renameat2 with RENAME_EXCHANGE; not on NFS), but Node cannot ask for it: a program of the system does.
 * @returns Whether it happened; otherwise both are as they were.
 */
export function exchangeFolders(one: string, other: string): boolean {
  if (process.platform !== "linux") return false;
  const before = identity(one);
  return programs(one, other).some(([program, ...argv]) => {
    spawnSync(program, argv, { stdio: "ignore", timeout: 10_000 });
    return identity(other) === before;
  });
}

function programs(one: string, other: string): readonly (readonly [string, ...string[]])[] {
  const call = systemCalls[process.arch];
  return [
    // util-linux 2.40, coreutils 9.5: of 2024.
    ["exch", one, other],
    ["mv", "--exchange", "--no-target-directory", one, other],
    ...(call === undefined ? [] : [["perl", "-e", perl, String(call), one, other] as const]),
  ];
}

/** Numbers of renameat2. */
const systemCalls: Readonly<Record<string, number>> = { x64: 316, arm64: 276 };

/** AT_FDCWD is -100, RENAME_EXCHANGE 2. */
const perl = "my ($call, $one, $other) = @ARGV; exit !!syscall($call + 0, -100, $one, -100, $other, 2)";

function identity(path: string): string | undefined {
  const info = statSync(path, { bigint: true, throwIfNoEntry: false });
  return info && `${info.dev} ${info.ino}`;
}
