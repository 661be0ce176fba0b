import { createHash } from "node:crypto";
import { availableParallelism, cpus } from "node:os";
import type { Session } from "@voxplain/caps-io";
import { isObject, type KernelUse, parseJson } from "@voxplain/core";
import { fromJson, type Model, type Request, toJson } from "@voxplain/study";
import type { RecordedModel } from "@voxplain/study/node";

/** Everything that the end of a task needs beside its sessions, so that another process can make it: as JSON. */
export interface RecordedTask {
  readonly command: "interpret" | "predict";
  /** "fold 0, best_loss" */
  readonly title: string;
  /** Name of the result. */
  readonly name: string;
  /** What commandline.json gets. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly model: Pick<Model, "name" | "parts" | "task" | "classes"> & {
    readonly labels?: {
      readonly column: string;
      readonly nodes: readonly (readonly [string, number])[];
      readonly positive?: string;
    };
  };
  readonly request: Pick<Request, "result" | "throughNormalization" | "keepTrue">;
  readonly columns: readonly string[];
  /** The whole list. */
  readonly sessions: readonly Session[];
  readonly severalCohorts: boolean;
  readonly hasTrueLabels: boolean;
  readonly diagnoses: readonly string[] | undefined;
  /** Of 2D maps. */
  readonly vmax: number;
  readonly seed: number | null;
  readonly warnings: readonly string[];
  /** What computes, for the provenance. */
  readonly runtime: { readonly version: string; readonly executionProvider: string };
  readonly threads: number | undefined;
  /** What the sessions depend on, by its name; that of the network is in `network`. */
  readonly depends: Readonly<Record<string, unknown>>;
}

/** The networks of a task, once they were opened. */
export interface RecordedNetwork {
  readonly model: RecordedModel;
  readonly kernelUses: readonly KernelUse[];
}

/** What is in the file `job` of the folder of sessions. */
export interface KeptJob {
  readonly format: "voxplain-sessions";
  readonly version: 1;
  readonly task: RecordedTask;
  readonly network: RecordedNetwork;
}

export function encodeJob(task: RecordedTask, network: RecordedNetwork): Uint8Array {
  const job: KeptJob = { format: "voxplain-sessions", version: 1, task, network };
  return new TextEncoder().encode(toJson(job));
}

/** Undefined for what another version wrote. */
export function decodeJob(bytes: Uint8Array): KeptJob | undefined {
  try {
    const text = new TextDecoder().decode(bytes);
    return isJob(parseJson(text)) ? (fromJson(text) as KeptJob) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a record has the form in which this version writes it. */
function isJob(job: unknown): job is KeptJob {
  if (!isObject(job) || job.format !== "voxplain-sessions" || job.version !== 1) return false;
  const { task, network } = job;
  if (!isObject(task) || !isObject(network) || !isObject(network.model)) return false;
  const isOf = (item: unknown, names: readonly string[]) =>
    isObject(item) && names.every((name) => isObject(item[name]));
  return (
    (task.command === "interpret" || task.command === "predict") &&
    isOf(task, ["options", "model", "request", "runtime", "depends"]) &&
    Array.isArray(task.sessions) &&
    task.sessions.every((session) => isObject(session) && typeof session.name === "string") &&
    Array.isArray(task.columns) &&
    Array.isArray(task.warnings) &&
    Array.isArray(network.kernelUses)
  );
}

/** What the sessions of a task depend on, but for their images, as a digest. */
export function keyOf({ depends }: RecordedTask, { model }: RecordedNetwork): string {
  return digestOf({ depends, network: [model.sha256, model.weights_key] });
}

export function digestOf(value: unknown): string {
  return createHash("sha256").update(toJson(value)).digest("hex");
}

/** What people call what is not an option. */
const words: Readonly<Record<string, string>> = {
  list: "the list of sessions",
  labels: "the labels of the sessions",
  votes: "the weights of votes",
  size: "the size of the images",
  runtime: "the version of the runtime",
  provider: "the device",
  packages: "the versions of packages",
  template: "the template",
  masks: "the masks of the regions",
};

/** The names of what differs between what two tasks depend on, with both values where they are short. */
export function differences(
  before: RecordedTask["depends"],
  now: RecordedTask["depends"],
): readonly string[] {
  // As JSON has them: what is undefined is left out.
  const [one, other] = [before, now].map((depends) => fromJson(toJson(depends)) as RecordedTask["depends"]);
  if (one === undefined || other === undefined) throw new RangeError("both are there");
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((name) => {
    const [a, b] = [toJson(one[name] ?? null), toJson(other[name] ?? null)];
    if (a === b) return [];
    const isShort = a.length + b.length <= 160 && !/"[0-9a-f]{64}"/.test(a + b);
    return [`${words[name] ?? name}${isShort ? `: ${a} before, ${b} now` : ""}`];
  });
}

/** The machine, as far as the last digits of a result depend on it. */
export function thisComputer(threads: number | undefined) {
  return { processor: cpus()[0]?.model ?? "unknown", threads: threads ?? availableParallelism() };
}
