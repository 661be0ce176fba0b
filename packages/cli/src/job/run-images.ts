import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Session, SessionFailure } from "@voxplain/caps-io";
import type { ModelRuntime, VoxplainError } from "@voxplain/core";
import { syncFiles } from "@voxplain/core/node";
import type { LoadedNetwork } from "@voxplain/model-loader";
import {
  type Block,
  blockLength,
  type FinishedSessions,
  type GroupMaps,
  groupMaps,
  networkSlot,
  placesIn,
  type SessionPrediction,
  sessionPrediction,
  skippedSession,
  warnedMaps,
} from "@voxplain/study";
import { fileStamp, inputRecords, modelRecord } from "@voxplain/study/node";
import type { OutputProvenance } from "@voxplain/writers";
import { progressOn } from "../progress.ts";
import type { Stopping } from "../stopping.ts";
import { addUpTo } from "./add-up.ts";
import { scarceRoom } from "./disk-use.ts";
import type { KeptTask } from "./kept-task.ts";
import type { Job, JobTask } from "./prepare.ts";
import { type RecordedNetwork, thisComputer } from "./recorded-task.ts";
import type { AnyImage, KeptOfImage, Result } from "./result.ts";
import { sentencesOf, type Warnings, warningsOn } from "./warnings.ts";

/** A task, and what computes it. */
export interface TaskRun {
  readonly job: Job;
  readonly task: JobTask;
  readonly runtime: ModelRuntime;
  /** What `--threads` said. */
  readonly threads: number | undefined;
  /** Whether what is kept has to survive a loss of power. */
  readonly fsync: boolean;
  /** Set when the job is to end: sessions that are finished stay. */
  readonly stopping: Pick<Stopping, "signal" | "isAsked" | "took">;
}

/** What came of the sessions that were computed. */
export interface ComputedPart {
  /** Set when the job has to end because of a session. */
  readonly fatal: VoxplainError | undefined;
  /** Undefined where no image was read. */
  readonly network: RecordedNetwork | undefined;
  readonly warnings: Warnings;
  /** Resolves when no session is being written any more, and the network is closed. @throws What that failed with. */
  settled(): Promise<void>;
  /** The sums of the whole list, where maps are averaged and all of it is computed here. */
  readonly mean: GroupMaps | undefined;
}

/** Computes the sessions of a part that are not finished, with a progress bar, and keeps each as soon as it is. */
export async function runImages<Image extends AnyImage>(
  run: TaskRun,
  result: Result<Image>,
  kept: KeptTask,
): Promise<ComputedPart> {
  const { job, task: prepared, runtime, threads } = run;
  const { plan } = job;
  const { task, title } = prepared;
  const { finished, part } = kept;
  const placeOf = placesIn(task);
  const isIn = (place: number) => part.some(({ start, end }) => place >= start && place < end);
  const isWanted = (session: Session) => isIn(placeOf(session)) && !kept.isDone(placeOf(session));
  const left = task.images.filter(({ session }) => isWanted(session)).length;
  const done = part.reduce((sum, { start, end }) => sum + (end - start), 0) - left;
  const progress = progressOn(process.stderr, title, left, result.noun);
  if (done > task.missing.length) progress.say(`${title}: ${done - task.missing.length} finished before`);
  const warnings = warningsOn(progress);
  for (const warning of task.warnings) warnings.add(warning);
  const by = thisComputer(threads);
  let before = performance.now();
  const lap = () => {
    const seconds = (performance.now() - before) / 1000;
    before = performance.now();
    return seconds;
  };
  // The sums of blocks of one session are those of the session.
  const needsSums = part.length === finished.blocks.length || blockLength(task.sessions.length) > 1;
  const isOfBlocks = blockLength(task.sessions.length) > 1;
  // The mean of a long list is made of its blocks when the network is closed: two sums and a network take more memory.
  let averaging = result.averages && needsSums ? groupMaps(plan, { onlyBlocks: isOfBlocks }) : undefined;
  let adding = averaging && addUpTo(averaging, finished, part[0]?.start ?? 0);
  /** Sessions that were computed last are still being written. */
  let writing: Promise<void> = Promise.resolve();
  let fatal: VoxplainError | undefined;
  const skip = async ({ session, error }: SessionFailure) => {
    const place = placeOf(session);
    if (!isIn(place) || finished.at(place)?.isComputed) return;
    progress.say(`skipped: ${error.message}`);
    await finished.add({ place, name: session.name, skipped: skippedSession(error), by, seconds: 0 });
  };
  const failing: Promise<void>[] = [];
  /** Sessions that are still to come. */
  let coming = left;
  const slot = networkSlot(runtime);
  const model = modelRecord(plan.model, task.network, slot);
  let network = kept.network;
  const images = result.images({
    ...{ runtime: slot, task, only: isWanted, signal: run.stopping.signal },
    concurrentRuns: threads ?? availableParallelism(),
    progress: progress.update,
    onFailure(failure) {
      coming--;
      if (plan.request.onError === "stop") fatal = failure.error;
      else failing.push(skip(failure));
    },
  });
  /** Keeps the sums of a block that was complete when the next one had begun: its last session was skipped. */
  const keptSums = async ({ index, start, end }: Block) => {
    if (!result.averages || blockLength(task.sessions.length) === 1) return undefined;
    await finished.settled();
    const sums = groupMaps(plan);
    for (let place = start; place < end; place++) {
      const own = finished.at(place)?.isComputed ? await finished.sumsAt(place) : undefined;
      if (own) sums.addSums(own, index);
    }
    return sums.blockSums(index);
  };
  const closeBlock = async (place: number) => {
    const block = blockAt(finished.blocks, place);
    if (block === undefined || !isWhole(block, kept)) return;
    await adding?.to(block.end);
    if (finished.isClosed(block)) return;
    await finished.close(block, averaging?.blockSums(block.index) ?? (await keptSums(block)));
  };
  /** The first session is what the others are taken to be like. */
  let isFirst = true;
  const sayScarceRoom = (outputs: readonly OutputProvenance[]) => {
    const bytes = outputs.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const scarce = isFirst ? scarceRoom(kept.resultFolder, bytes, coming) : undefined;
    isFirst = false;
    if (scarce !== undefined) progress.say(`warning: ${scarce}`);
  };
  /** The network is closed while the mean is made. */
  let closing: Promise<void> | undefined;
  let isAll = false;
  try {
    for (const failure of task.missing) failing.push(skip(failure));
    for await (const image of images) {
      // While the network computes the next images; not before, for its start is what all wait for then.
      if (network === undefined) {
        network = { model: await model.provenance(), kernelUses: slot.kernelUses };
        await kept.setNetwork(network);
      }
      const place = placeOf(image.session);
      coming--;
      const own = await result.onImage(image, warnings);
      for (const warning of sentencesOf(image)) warnings.add(`${image.session.name}: ${warning}`);
      const session = await recordOf(image, own);
      await writing;
      const add = async (outputs: readonly unknown[]) => {
        const computed = { ...session, outputs };
        const seconds = lap();
        run.stopping.took(seconds);
        const of = { place, name: image.session.name, computed, by, seconds };
        await finished.add(of, own.sums);
      };
      if (own.written === undefined) {
        await adding?.to(place);
        const taken = add([]);
        taken.catch(() => {});
        // While they are written.
        if (own.sums !== undefined) adding?.add(place, own.sums);
        else adding?.pass(place);
        // The next image is computed in the memory of its map.
        if (coming > 0) await taken;
        await closeBlock(place);
      } else {
        writing = own.written.then(async (outputs) => {
          // The session is finished when its files are on the disk.
          if (run.fsync) await syncFiles(outputs.map(({ file }) => join(kept.resultFolder, file)));
          sayScarceRoom(outputs);
          await add(outputs);
          await closeBlock(place);
        });
        writing.catch(() => {});
      }
      if (run.stopping.isAsked) break;
    }
    await writing;
    await Promise.all(failing);
    if (network === undefined && finished.blocks.length > 0 && part.length > 0 && !run.stopping.isAsked) {
      // No image could be read: what was skipped is kept all the same, for the network that would have seen it.
      const used = slot.used.length > 0 ? slot.used : await loadNetworks(job, prepared);
      const unused = modelRecord(plan.model, task.network, { used });
      if (used.length > 0) {
        network = { model: await unused.provenance(), kernelUses: slot.kernelUses };
        await kept.setNetwork(network);
      }
    }
    for (const { start } of part) await closeBlock(start);
    isAll = true;
  } catch (error) {
    if (error !== fatal && !run.stopping.isAsked) throw error;
    await writing;
  } finally {
    closing = slot.release();
    closing.catch(() => {});
    if (!isAll) await closing;
    progress.end();
    await result.settled?.();
  }
  const settled = async () => {
    await closing;
    // Without a network nothing is kept.
    if (network !== undefined) await finished.settled();
  };
  const isComplete = part.length === finished.blocks.length && fatal === undefined && network !== undefined;
  if (averaging?.isOfBlocks && isComplete && !run.stopping.isAsked) {
    [averaging, adding] = [undefined, undefined];
    await settled();
    averaging = await meanOfBlocks(run, finished);
  }
  return { fatal, network, settled, warnings, mean: averaging };
}

/** Adds up the blocks of a list. It goes on to the end unless the job is to end. */
async function meanOfBlocks({ job, stopping }: TaskRun, finished: FinishedSessions): Promise<GroupMaps> {
  const mean = groupMaps(job.plan);
  const adding = addUpTo(mean, finished, 0);
  for (const { end } of finished.blocks) {
    if (stopping.isAsked) break;
    await adding.to(end);
  }
  return mean;
}

/** The networks of a task, without their weights. */
async function loadNetworks(
  { plan: { model } }: Job,
  { task: { network, groups } }: JobTask,
): Promise<LoadedNetwork[]> {
  const inputDims = groups[0]?.inputDims;
  if (inputDims === undefined) return [];
  const networks: LoadedNetwork[] = [];
  for (let part = 0; part < (model.networkCount(network) ?? 1); part++) {
    networks.push(await model.load(network, { inputDims, part }));
  }
  return networks;
}

function blockAt(blocks: readonly Block[], place: number): Block | undefined {
  return blocks.find(({ start, end }) => place >= start && place < end);
}

function isWhole({ start, end }: Block, { finished }: KeptTask): boolean {
  for (let place = start; place < end; place++) if (finished.at(place) === undefined) return false;
  return true;
}

async function recordOf(image: AnyImage, { checks = [] }: KeptOfImage) {
  const { session: _, ...prediction }: SessionPrediction = sessionPrediction(image);
  const inputs = [];
  for (const input of await inputRecords(image.input)) {
    const stamp = await fileStamp(input.file);
    inputs.push({ ...input, ...(stamp && { stamp }) });
  }
  return {
    ...{ prediction, isKept: image.isKept, sentences: sentencesOf(image) },
    ...{ maps: warnedMaps(image), checks, inputs },
  };
}
