import { availableParallelism } from "node:os";
import { elementCount } from "@voxplain/core";
import { startResult } from "@voxplain/core/node";
import { type RecordedFiles, recordedFiles, stopwatch, writeRecords } from "@voxplain/results";
import {
  cohortWarnings,
  type ExplainedImage,
  explainCohort,
  networkSlot,
  type Plan,
  type SessionPrediction,
  sessionPrediction,
  type Task,
} from "@voxplain/study";
import { inputRecords, modelRecord, type RecordedInput } from "@voxplain/study/node";
import { chooseRuntime, type DeviceOptions } from "../device.ts";
import { packageVersions, versionOf } from "../installed-packages.ts";
import { refuseNoRoom } from "../job/disk-use.ts";
import { sentencesOf, type Warnings, warningsOn } from "../job/warnings.ts";
import { printLines } from "../print-lines.ts";
import { progressOn } from "../progress.ts";

/** Images in files of their own, and the folder of their maps. */
export interface Explanations {
  readonly options: DeviceOptions & { readonly no_fsync: boolean };
  /** The command as it was typed. */
  readonly command: readonly string[];
  /** What commandline.json gets. */
  recorded(task: Task): Readonly<Record<string, unknown>>;
  readonly title: string;
  readonly outputPath: string;
  /** Checks everything that can be known before the first image is read. */
  prepare(): Promise<Plan>;
  /** Writes the files of an image. */
  write(files: RecordedFiles, image: ExplainedImage, warnings: Warnings): Promise<void>;
  /** Writes what needs all images. */
  finish(files: RecordedFiles, predictions: readonly SessionPrediction[]): Promise<void>;
}

/** Explains images one after the other; their folder is there whole or not at all. */
export async function runExplanations(run: Explanations): Promise<0> {
  const { options, title, outputPath, command } = run;
  const choosing = chooseRuntime(options);
  // Configuration errors are reported before device errors: the user can fix those.
  choosing.catch(() => {});
  const plan = await run.prepare();
  const runtime = await choosing;
  for (const task of plan.tasks) {
    const started = new Date();
    const clock = stopwatch();
    refuseNoRoom(outputPath, bytesOf(task));
    const folder = await startResult(outputPath, { fsync: !options.no_fsync });
    const files = recordedFiles(folder.files);
    try {
      const slot = networkSlot(runtime);
      const progress = progressOn(process.stderr, title, task.images.length, "image");
      const warnings = warningsOn(progress);
      for (const warning of task.warnings) warnings.add(warning);
      const model = modelRecord(plan.model, task.network, slot);
      const ofMaps = cohortWarnings();
      const predictions: SessionPrediction[] = [];
      const inputs: RecordedInput[] = [];
      const images = explainCohort(plan, {
        ...{ runtime: slot, task, progress: progress.update },
        concurrentRuns: options.threads ?? availableParallelism(),
      });
      try {
        for await (const image of images) {
          // While the network computes the next images; not before, for its start is what all wait for then.
          model.start();
          await run.write(files, image, warnings);
          predictions.push(sessionPrediction(image));
          ofMaps.add(image);
          for (const warning of sentencesOf(image)) warnings.add(`${image.session.name}: ${warning}`);
          inputs.push(...(await inputRecords(image.input)));
        }
      } finally {
        await slot.release();
        progress.end();
      }
      for (const warning of ofMaps.sentences()) warnings.add(warning);
      clock.lap("computing");
      await run.finish(files, predictions);
      clock.lap("writing");
      await writeRecords(files, {
        ...{ tool: { name: "voxplain", version: versionOf("cli") }, packages: packageVersions() },
        ...{ runtime, command, threads: options.threads, options: run.recorded(task) },
        ...{ seed: task.method?.seed ?? null, started, durations: clock.seconds },
        ...{ model: await model.provenance(), kernelUses: slot.kernelUses, inputs, warnings: warnings.list },
      });
      await folder.publish();
    } catch (error) {
      folder.discard();
      throw error;
    }
    printLines(outputPath);
  }
  return 0;
}

/** What the maps take as arrays of float32; pictures and compressed volumes come on top. */
function bytesOf({ groups }: Task): number {
  return groups.reduce((sum, { images, inputDims }) => {
    const values = inputDims === undefined ? 0 : elementCount(inputDims);
    return sum + images.length * 4 * values;
  }, 0);
}
