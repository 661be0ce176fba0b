import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { VoxplainError } from "@voxplain/core";
import { folderStore, sessionsFolder, workersOn } from "@voxplain/results";
import {
  type Block,
  type FinishedSessions,
  finishedSessions,
  type SessionStore,
  type Task,
} from "@voxplain/study";
import { forgetSessions } from "./published.ts";
import {
  decodeJob,
  differences,
  encodeJob,
  type KeptJob,
  keyOf,
  type RecordedNetwork,
  type RecordedTask,
} from "./recorded-task.ts";
import { blocksOfShard, type SplitOptions } from "./split-options.ts";
import { changedNetworks, currentImages } from "./unchanged.ts";

/** What is kept of a task while it is not complete. */
export interface KeptTask {
  readonly finished: FinishedSessions;
  /** The blocks that are computed here. */
  readonly part: readonly Block[];
  /** Where the files of the result are written. */
  readonly resultFolder: string;
  /** The networks, where another process has recorded them. */
  readonly network: RecordedNetwork | undefined;
  /** Records the networks: sessions are kept from then on. */
  setNetwork(network: RecordedNetwork): Promise<void>;
  /** Whether a session need not be computed. */
  isDone(place: number): boolean;
}

const jobFile = "job";

/** The record of a job in a folder of sessions; undefined where there is none that this version can read. */
export function keptJobIn(folder: string): KeptJob | undefined {
  const file = join(folder, jobFile);
  return existsSync(file) ? decodeJob(readFileSync(file)) : undefined;
}

/**
 * Opens what is kept of a task.
 * @throws VoxplainError `mismatch` naming what differs, where something else was kept under its name.
 */
export async function openKeptTask(
  path: string,
  record: RecordedTask,
  options: SplitOptions,
  say: (line: string) => void,
): Promise<KeptTask> {
  const folder = sessionsFolder(path);
  const before = keptJobIn(folder);
  const changes = before === undefined ? [] : await changesOf(before, record);
  if (before !== undefined && changes.length > 0) {
    if (options.resume || options.shard !== undefined) throw otherJob(folder, changes);
    forgetSessions(folder);
    say("sessions of another job with this name are discarded");
  }
  const same = changes.length === 0 ? before : undefined;
  const store = folderStore(folder, { fsync: !options.no_fsync });
  let settle: (key: string) => void = () => {};
  const later = new Promise<string>((resolve) => {
    settle = resolve;
  });
  // Other parts that began at the same time may be writing there.
  if (same === undefined && workersOn(path).length < 2) forgetSessions(folder);
  const key = same === undefined ? later : keyOf(same.task, same.network);
  const finished = await finishedSessions(same === undefined ? withNothing(store) : store, record, key);
  const part = blocksOfShard(finished.blocks, options.shard);
  if (!options.resume) {
    const count = await finished.discard(part);
    if (count > 0) {
      say(
        `${count} finished ${count === 1 ? "session is" : "sessions are"} discarded (--resume continues with them)`,
      );
    }
  }
  const resultFolder = join(folder, "result");
  return {
    ...{ finished, part, resultFolder, network: same?.network },
    async setNetwork(network) {
      if (same !== undefined) return;
      const meanwhile = keptJobIn(folder);
      const others = meanwhile === undefined ? [] : await changesOf(meanwhile, record);
      if (others.length > 0) throw otherJob(folder, others);
      await store.write(jobFile, [encodeJob(record, network)]).kept;
      settle(keyOf(record, network));
    },
    isDone(place) {
      const session = finished.at(place);
      if (session === undefined) return false;
      const block = finished.blocks.find(({ start, end }) => place >= start && place < end);
      // One that was skipped is tried again, unless the sum of its block is made.
      return session.isComputed || (block !== undefined && finished.isClosed(block));
    },
  };
}

/** What other parts keep there under a key that is not known yet is theirs. */
function withNothing(store: SessionStore): SessionStore {
  return { ...store, list: async () => [] };
}

/**
 * Looks whether the images of finished sessions are as they were.
 * @throws VoxplainError `mismatch` naming a session whose image changed.
 */
export async function checkInputs(
  { finished, part }: KeptTask,
  task: Task,
  { trust_mtime }: Pick<SplitOptions, "trust_mtime">,
): Promise<void> {
  const images = currentImages(task, trust_mtime);
  for await (const { place, computed } of finished.read(part)) {
    const session = task.sessions[place];
    if (session !== undefined && computed !== undefined) await images.check(session, computed.inputs);
  }
}

async function changesOf({ task, network }: KeptJob, record: RecordedTask): Promise<readonly string[]> {
  const changes = differences(task.depends, record.depends);
  return changes.length > 0
    ? changes
    : changedNetworks({ model: network.model, options: task.options }, record);
}

function otherJob(folder: string, changes: readonly string[]): VoxplainError {
  return new VoxplainError(
    "mismatch",
    `sessions of another job with this name are finished: ${changes.join("; ")}`,
    {
      file: folder,
      hint: "choose another name, or start the whole job once without --resume and --shard, which discards them",
    },
  );
}
