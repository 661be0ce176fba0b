import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A process, among all that ran on any machine; null where the system does not say. */
export interface ProcessId {
  /** The name of its machine, or of its container. */
  readonly host: string;
  /** A digest of what identifies the installation of the system. */
  readonly machine: string | null;
  /** Changes with every start of the machine; containers have that of their machine. */
  readonly boot: string | null;
  /** Within which process numbers are counted: those of a container are its own. */
  readonly space: string | null;
  /** Its number. */
  readonly pid: number;
  /** When it began, as the system counts it: another one may have got its number since. */
  readonly started: string | null;
}

/** The process that asks. */
export function thisProcess(): ProcessId {
  if (own !== undefined) return own;
  // Its number is not for everybody to see.
  const machine = textOf("/etc/machine-id");
  own = {
    host: hostname(),
    machine: machine === null ? null : digest(machine),
    boot: textOf("/proc/sys/kernel/random/boot_id"),
    ...{ space: spaceOfNumbers(), pid: process.pid, started: startOf(process.pid) },
  };
  return own;
}

let own: ProcessId | undefined;

/** Whether a process is known to have ended: nothing is known of other machines, and of containers that count processes apart. */
export function hasEnded(other: ProcessId): boolean {
  const { host, machine, boot, space } = thisProcess();
  // Two machines may run containers of one name.
  if (!other.boot || !boot) return other.host === host && !isRunning(other);
  if (other.boot === boot) return other.space === space && !isRunning(other);
  const isHere = other.host === host && other.machine === machine && other.space === space;
  return isHere && space === outsideContainers;
}

function isRunning({ pid, started }: ProcessId): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const now = startOf(pid);
  return started === null || now === null || started === now;
}

/** Says in the name of a file whose it is: "0f3a9c21.77b0c1de.4711.90210": digests of the machine and its start, the process and its start. */
export function ownerName(): string {
  const { pid, started } = thisProcess();
  return `${thisPlace()}.${thisBoot()}.${pid}.${started ?? "x"}`;
}

/** What `ownerName` returns, as a pattern. */
export const ownerPattern = "[0-9a-f]{8}\\.[0-9a-f]{8}\\.\\d+\\.(?:\\d+|x)";

/** Whether the process that made an `ownerName` is known to have ended. */
export function ownerHasEnded(owner: string): boolean {
  const [place, boot, pid, started] = owner.split(".");
  const self = thisProcess();
  if (place !== thisPlace()) return false;
  if (boot !== thisBoot()) return self.space === outsideContainers;
  return !isRunning({ ...self, pid: Number(pid), started: started === "x" ? null : (started ?? null) });
}

function thisPlace(): string {
  const { host, machine, space } = thisProcess();
  return digest([host, machine, space].join("\n"));
}

function thisBoot(): string {
  return digest(thisProcess().boot ?? "");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** Linux gives the first of all this number. */
const outsideContainers = "pid:[4026531836]";

function spaceOfNumbers(): string | null {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return null;
  }
}

/** In the ticks of Linux. */
function startOf(pid: number): string | null {
  const text = textOf(`/proc/${pid}/stat`);
  // The name of the program, in parentheses, may hold spaces.
  return text?.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return null;
  }
}
