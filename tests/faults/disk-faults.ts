import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { builtCommand } from "../built-command.ts";

/** Kinds of disk calls; `read` is opening for reading, too. */
export type CallKind =
  | "open"
  | "write"
  | "sync"
  | "rename"
  | "mkdir"
  | "link"
  | "remove"
  | "truncate"
  | "read";

/** Everything that changes a disk. */
export const changingCalls: readonly CallKind[] = [
  ...["open", "write", "sync", "rename", "mkdir", "link", "remove", "truncate"],
] as CallKind[];

/** What happens at one disk call of a program. */
export interface Fault {
  /** Calls below it count. */
  readonly below: string;
  readonly kinds: readonly CallKind[];
  /** Which of them, from 1. */
  readonly at: number;
  /**
   * The error that the call fails with, "kill" before it or "kill-after" it, "short": half of a write, "move": the folder `below` gets
   * the name `<below>.gone` before it, or a signal before it.
   */
  readonly act: keyof typeof constants.errno | "kill" | "kill-after" | "short" | "move" | NodeJS.Signals;
  /** The calls after it are met, too: a disk stays full. */
  readonly stays?: boolean;
}

/** How a program ended. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
  /** The disk calls that counted: "write /tmp/…". */
  readonly calls: readonly string[];
}

const source = fileURLToPath(new URL("disk-faults.c", import.meta.url));
/** The built command. */
export const program = builtCommand();

/** Whether this machine can compile and preload the library. */
export const hasDiskFaults =
  process.platform === "linux" && spawnSync("cc", ["--version"], { stdio: "ignore" }).status === 0;

/** A folder for results, and the program run in it under faults. */
export interface FaultyDisk {
  readonly folder: string;
  /** Runs `voxplain …argv`. */
  run(argv: readonly string[], fault?: Partial<Fault>, options?: ProgramOptions): Ended;
  remove(): void;
}

/** An environment in which no program that exchanges two folders in one step is found, as on a file system that cannot do it. */
export const withoutExchange: ProgramOptions = { env: { PATH: "/nowhere" } };

/** How the program is started. */
export interface ProgramOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** A command before it: `["prlimit", "--nofile=20"]`. */
  readonly before?: readonly string[];
}

/** Compiles the library into a temporary folder. */
export function faultyDisk(): FaultyDisk {
  const folder = mkdtempSync(join(tmpdir(), "faulty-disk-"));
  const library = join(folder, "disk-faults.so");
  execFileSync("cc", ["-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"]);
  const log = join(folder, "calls");
  return {
    folder,
    run(argv, fault = {}, { env = {}, before = [] } = {}) {
      const { below = join(folder, "out"), kinds = changingCalls, at = 0, act = "kill", stays } = fault;
      rmSync(log, { force: true });
      const [command = "", ...others] = [...before, process.execPath, program, ...argv];
      const { status, signal, stdout, stderr } = spawnSync(command, others, {
        encoding: "utf8",
        timeout: 120_000,
        env: {
          ...{ ...process.env, ...env, LD_PRELOAD: library },
          ...{ FAULTS_BELOW: below, FAULTS_CALLS: kinds.join(","), FAULTS_AT: String(at), FAULTS_LOG: log },
          ...{ FAULTS_ACT: actText(act), ...(stays && { FAULTS_STAYS: "1" }) },
        },
      });
      const calls = existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n") : [];
      return { status, signal, output: stdout, errors: stderr, calls };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function actText(act: Fault["act"]): string {
  if (act in constants.errno) return String(constants.errno[act as keyof typeof constants.errno]);
  return act in constants.signals ? `signal-${constants.signals[act as NodeJS.Signals]}` : act;
}

/** The files of a folder with digests of their bytes; undefined where there is no folder. Records of when it was made are left out. */
export function filesIn(
  folder: string,
  unlike: readonly string[] = [],
): Readonly<Record<string, string>> | undefined {
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Object.fromEntries(
    files.map((file) => {
      const name = relative(folder, file);
      const digest = createHash("sha256").update(readFileSync(file)).digest("hex");
      return [name, unlike.includes(name) ? "" : digest];
    }),
  );
}
