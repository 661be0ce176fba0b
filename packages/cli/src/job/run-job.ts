import { startResult } from "@voxplain/core/node";
import { type RecordedFiles, recordedFiles, stopwatch, writeRecords } from "@voxplain/results";
import { chooseRuntime, type DeviceOptions } from "../device.ts";
import { packageVersions, versionOf } from "../installed-packages.ts";
import { describeJob } from "./dry-run.ts";
import type { Job, JobTask } from "./prepare.ts";
import type { AnyImage, Computed, Result } from "./result.ts";
import { runImages, type TaskRun } from "./run-images.ts";

/** A command that takes images through networks and writes a folder for each network. */
export interface JobCommand<Prepared extends Job, Image extends AnyImage> {
  readonly options: DeviceOptions & { readonly dry_run?: boolean };
  /** The command as it was typed. */
  readonly command: readonly string[];
  /** Checks everything that can be known before the first image is read. */
  prepare(): Promise<Prepared>;
  result(job: Prepared, task: JobTask, files: RecordedFiles): Result<Image>;
}

/**
 * Checks everything first, then computes and writes each task in turn.
 * @returns The exit status: 3 where sessions were skipped.
 */
export async function runJob<Prepared extends Job, Image extends AnyImage>(
  run: JobCommand<Prepared, Image>,
): Promise<0 | 3> {
  const { options } = run;
  const choosing = chooseRuntime(options);
  // Configuration errors are reported before device errors: the user can fix those.
  choosing.catch(() => {});
  const job = await run.prepare();
  if (options.dry_run) {
    process.stdout.write(describeJob(job));
    return 0;
  }
  const runtime = await choosing;
  let status: 0 | 3 = 0;
  for (const task of job.tasks) {
    const write = (files: RecordedFiles) => run.result(job, task, files);
    const { failures } = await writeTask(run, { job, task, runtime, threads: options.threads }, write);
    if (failures.length > 0) status = 3;
    process.stdout.write(`${task.outputPath}\n`);
  }
  return status;
}

/**
 * Computes one task and writes its folder. When it fails nothing is left behind, but for what outlives the failure of
 * an image.
 */
async function writeTask<Image extends AnyImage>(
  { command }: { readonly command: readonly string[] },
  run: TaskRun,
  resultIn: (files: RecordedFiles) => Result<Image>,
): Promise<Computed> {
  const started = new Date();
  const clock = stopwatch();
  const folder = await startResult(run.task.outputPath);
  const files = recordedFiles(folder.files);
  const result = resultIn(files);
  try {
    const computed = await runImages(run, result);
    if (computed.fatal && !result.outlivesFailure?.()) throw computed.fatal.error;
    clock.lap("computing");
    await result.finish(computed);
    clock.lap("writing");
    await writeRecords(files, {
      ...{ tool: { name: "voxplain", version: versionOf("cli") }, packages: packageVersions() },
      ...{ runtime: run.runtime, command, threads: run.threads, options: result.options },
      ...{ seed: run.task.task.method?.seed ?? null, started, durations: clock.seconds },
      ...computed.record,
    });
    await folder.publish();
    result.published?.(computed);
    return computed;
  } catch (error) {
    await result.settled?.();
    folder.discard();
    throw error;
  }
}
