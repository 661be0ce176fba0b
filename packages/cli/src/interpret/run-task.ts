import { type InputImage, readImages } from "@voxplain/caps-io";
import { type ModelRuntime, VoxplainError } from "@voxplain/core";
import { loadNetwork, type TrainedModel } from "@voxplain/model-loader";
import { differentiableModel, explain, gradients } from "@voxplain/saliency";
import type { InputProvenance } from "@voxplain/writers";
import { type Progress, progressOn } from "../progress.ts";
import { affineOf, unknownAffine } from "./geometry.ts";
import { loadPictures } from "./map-files.ts";
import type { Plan, Task } from "./plan.ts";
import { encodePredictions, encodeSessions, type SessionPrediction } from "./predictions.ts";
import { writeRecords } from "./record.ts";
import { recordedFiles, sha256OfFile } from "./recorded-files.ts";
import { startResult } from "./result-folder.ts";
import { groupResults, individualResults, type Results } from "./results.ts";

/** Computes one fold and selection and writes its result; nothing is left behind when it fails. */
export async function runTask(plan: Plan, task: Task, runtime: ModelRuntime): Promise<void> {
  const started = new Date();
  const clock = stopwatch();
  const result = await startResult(task.outputPath);
  const { level, name } = plan.arguments;
  const files = recordedFiles(result.files);
  const results = level === "group" ? groupResults(files, name) : individualResults(files);
  try {
    const { predictions, ...computed } = await computeAll(plan, task, runtime, results);
    const kept = predictions.filter((prediction) => prediction.kept).map(({ session }) => session);
    if (kept.length === 0) throw nothingKept(plan, predictions.length);
    clock.lap("computing");
    await results.finish();
    await files.write("data.tsv", encodeSessions(task.labels.columns, kept));
    await files.write("predictions.tsv", encodePredictions(predictions, plan.trueClass));
    clock.lap("writing");
    await writeRecords(files, { plan, task, runtime, ...computed, started, durations: clock.seconds });
    await result.publish();
  } catch (error) {
    await results.settled();
    result.discard();
    throw error;
  }
}

interface Computed {
  readonly predictions: readonly SessionPrediction[];
  readonly network: TrainedModel;
  readonly modelSha256: string;
  readonly inputs: readonly InputProvenance[];
  readonly warnings: readonly string[];
}

/** Runs every image of the task through the network, in order, and hands the kept ones' maps on. */
async function computeAll(
  plan: Plan,
  task: Task,
  runtime: ModelRuntime,
  results: Results,
): Promise<Computed> {
  const { name, nproc, batch_size, keep_true, vmax } = plan.arguments;
  const { normalize } = plan.folder.settings;
  const images = readImages(plan.caps, task.images, { normalize, readAhead: nproc });
  const progress = progressOn(process.stderr, `fold ${task.fold}, ${task.selection}`, task.images.length);
  const warnings = warningsOn(progress);
  try {
    const first = await images.next();
    if (first.done)
      throw new VoxplainError(
        "not-found",
        `${task.labelPath} lists no session of ${plan.arguments.diagnosis}`,
      );
    const inputDims = first.value.input.dims;
    // A template on another grid is found out before anything is computed.
    affineOf(first.value, plan.template);
    const network = await loadNetwork(plan.folder, task.fold, task.selection, { inputDims });
    if (network.fixedBatch !== undefined && network.fixedBatch > 1) throw fixedBatch(network);
    const model = differentiableModel(network, runtime);
    let modelSha256: Promise<string> | undefined;
    const predictions: SessionPrediction[] = [];
    const inputs: InputProvenance[] = [];
    const batchSize = network.fixedBatch ?? batch_size;
    const options = { method: gradients, target: plan.targetClass, batchSize };
    try {
      for await (const explained of explain(model, withNames(first.value, images), options)) {
        const { item, prediction } = explained;
        // While the network computes the next images; not before, for its start is what all wait for then.
        modelSha256 ??= meanwhile(sha256OfFile(plan.folder.source, network.file));
        meanwhile(loadPictures());
        for (const warning of item.warnings) warnings.add(`${item.name}: ${warning}`);
        const kept = keep_true === undefined || keep_true === (prediction.predictedClass === plan.trueClass);
        predictions.push({ session: item.image.session, prediction, kept });
        if (kept) {
          const affine = affineOf(item, plan.template);
          if (affine === undefined && inputDims.length === 4) warnings.add(unknownAffine.warning);
          const title = `${name}: ${item.name}`;
          await results.add(explained, { affine: affine ?? unknownAffine.affine, vmax, title });
        }
        inputs.push(await inputProvenance(plan, item));
        progress.step();
      }
    } finally {
      await model.release();
    }
    return { predictions, network, modelSha256: (await modelSha256) ?? "", inputs, warnings: warnings.list };
  } finally {
    await images.return(undefined);
    progress.end();
  }
}

/** Work that goes on by itself; its failure is met where its outcome is awaited. */
function meanwhile<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}

async function* withNames(first: InputImage, rest: AsyncIterable<InputImage>) {
  const named = (image: InputImage) => {
    const { participantId, sessionId } = image.image.session;
    return { ...image, name: `${participantId} ${sessionId}` };
  };
  yield named(first);
  for await (const image of rest) yield named(image);
}

async function inputProvenance({ caps }: Plan, { image }: InputImage): Promise<InputProvenance> {
  const { participantId: participant, sessionId: session } = image.session;
  return {
    participant,
    session,
    file: `${caps.name}/${image.path}`,
    sha256: await sha256OfFile(caps, image.path),
  };
}

/** Each warning is said once, and kept for the record. */
function warningsOn(progress: Progress) {
  const list: string[] = [];
  return {
    list,
    add(warning: string) {
      if (list.includes(warning)) return;
      list.push(warning);
      progress.say(`warning: ${warning}`);
    },
  };
}

/** Seconds between laps, by the name of the step that a lap ends. */
function stopwatch() {
  let before = performance.now();
  const seconds: Record<string, number> = {};
  return {
    seconds,
    lap(step: string) {
      const now = performance.now();
      seconds[step] = (now - before) / 1000;
      before = now;
    },
  };
}

function fixedBatch({ file, fixedBatch: size }: TrainedModel): VoxplainError {
  return new VoxplainError(
    "unsupported",
    `${file} takes batches of ${size} only: export the network with a free batch axis, or with a batch of 1`,
  );
}

function nothingKept({ arguments: { keep_true, diagnosis } }: Plan, count: number): VoxplainError {
  const outcome = keep_true ? "none of them is classified correctly" : "all of them are classified correctly";
  return new VoxplainError(
    "not-found",
    `no session is left to explain: there are ${count} of ${diagnosis}, and ${outcome} (--keep_true ${keep_true})`,
  );
}
