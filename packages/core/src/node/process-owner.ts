import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** A process, among all that ran on a machine. */
export interface ProcessId {
  /** Its number. */
  readonly pid: number;
  /** When it began, as the system counts it: another one may have got its number since; null where the system does not say. */
  readonly started: string | null;
}

/** The process that asks. */
export function thisProcess(): ProcessId {
  return { pid: process.pid, started: startOf(process.pid) };
}

/** Whether a process of this machine runs. */
export function isRunning({ pid, started }: ProcessId): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const now = startOf(pid);
  return started === null || now === null || started === now;
}

/** Says in the name of a file whose it is: "0f3a9c21.4711.90210", the machine as a digest. */
export function ownerName(): string {
  const { pid, started } = thisProcess();
  return `${thisHost()}.${pid}.${started ?? "x"}`;
}

/** What `ownerName` returns, as a pattern. */
export const ownerPattern = "([0-9a-f]{8})\\.(\\d+)\\.(\\d+|x)";

/** Whether the process that made an `ownerName` is known to have ended: nothing is known of those of other machines. */
export function hasEnded(owner: string): boolean {
  const [, host, pid, started] = new RegExp(`^${ownerPattern}$`).exec(owner) ?? [];
  if (host !== thisHost()) return false;
  return !isRunning({ pid: Number(pid), started: started === "x" || started === undefined ? null : started });
}

function thisHost(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}

/** In the ticks of Linux. */
function startOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program, in parentheses, may hold spaces.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
