import { basename, resolve } from "node:path";
import { parsePreprocessing, readMask } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import { refuseExisting, startResult } from "@voxplain/core/node";
import {
  type ExplainedImage,
  explainCohort,
  mapValues,
  openCohort,
  openModel,
  type Plan,
  plan,
  problemList,
  type Target,
  type TargetRegion,
  warningColumn,
  warningValue,
} from "@voxplain/study";
import { fileAt } from "@voxplain/study/node";
import { encodeTable } from "@voxplain/writers";
import { type CheckedOf, writeChecks } from "../checks/write-checks.ts";
import { checkRequest, methodTexts } from "../command-line/method-flags.ts";
import { chooseRuntime } from "../device.ts";
import { writeRecords } from "../job/record.ts";
import { recordedFiles } from "../job/recorded-files.ts";
import { runImages } from "../job/run-images.ts";
import { stopwatch } from "../job/stopwatch.ts";
import { templateAt } from "../job/template.ts";
import { imageName, imagesAt, referencesAt } from "./image-files.ts";
import type { ExplainArguments } from "./options.ts";
import { writeExplanation } from "./write-explanation.ts";

/** Explains images with a network of an ONNX file; gives the folder of the results. */
export async function explainImages(args: ExplainArguments, command: readonly string[]): Promise<string> {
  const started = new Date();
  const clock = stopwatch();
  const choosing = chooseRuntime(args);
  // Configuration errors are reported before device errors: the user can fix those.
  choosing.catch(() => {});
  const outputPath = resolve(args.output_dir ?? `${basename(args.model, ".onnx")}_${args.method}`);
  const planned = await planExplanation(args, outputPath);
  const [task] = planned.tasks;
  if (task === undefined) throw new RangeError("an ONNX file holds one network");

  const runtime = await choosing;
  const result = await startResult(outputPath);
  const files = recordedFiles(result.files);
  const rows: Record<string, string | number>[] = [];
  const checked: CheckedOf[] = [];
  try {
    const { fatal, predictions, record } = await runImages<ExplainedImage>({
      ...{ job: { plan: planned }, prepared: { task, title: basename(args.model) }, runtime },
      ...{
        options: { on_error: "stop", ...(args.threads !== undefined && { threads: args.threads }) },
        noun: "image",
        averaged: false,
      },
      images: (options) => explainCohort(planned, options),
      async onImage(image, warnings) {
        const { name } = image.session;
        const asked = typeof args.target === "object" ? args.target.join(",") : image.target;
        const title = `${imageName(name)}: ${args.method}, ${typeof asked === "string" ? "output" : "class"} ${asked}`;
        await writeExplanation(files, image, { name: imageName(name), title, vmax: args.vmax, warnings });
        rows.push(rowOf(image, asked));
        for (const { checked: result } of image.parts) {
          if (result !== undefined) checked.push({ identity: { image: name }, result });
        }
      },
    });
    if (fatal !== undefined) throw fatal.error;
    clock.lap("explaining");
    const columns = Object.keys(rows[0] ?? {}).filter((column) => column !== "warnings");
    await files.write("predictions.tsv", encodeTable([...columns, ...warningColumn(predictions)], rows));
    if (checked.length > 0) await writeChecks(files, checked);
    await writeRecords(files, {
      ...{ runtime, command, threads: args.threads, started, durations: clock.seconds },
      options: { task: "explain", ...args, method_options: task.method?.options },
      seed: task.method?.seed ?? null,
      ...record,
    });
    await result.publish();
    return outputPath;
  } catch (error) {
    result.discard();
    throw error;
  }
}

/** Settles what is computed, from headers. @throws VoxplainError with all problems that can be known by then. */
async function planExplanation(args: ExplainArguments, outputPath: string): Promise<Plan> {
  const problems = problemList();
  await problems.attempt(() => refuseExisting(outputPath, args.overwrite));
  const images = await imagesAt(args.images, problems);
  const template = await problems.attempt(() => templateAt(args.nifti_template_path));
  const preprocessing = await problems.attempt(() => args.preprocess && parsePreprocessing(args.preprocess));
  const texts = await problems.attempt(() => methodTexts(args));
  const model = await problems.attempt(() =>
    openModel(fileAt(args.model, "model"), { preprocessing, output: args.output }),
  );
  const planned =
    model &&
    (await problems.attempt(async () => {
      const axes = (model.input.dims?.length ?? 4) - 1;
      return plan(model, await openCohort({ images, references: referencesAt }), {
        ...{ method: args.method, options: texts, checks: checkRequest(args), template, batchSize: 1 },
        openFile: (path) => fileAt(path, "method_options"),
        target: targetOf(args),
        region: await problems.attempt(() => regionOf(args, axes)),
      });
    }));
  problems.throwAny();
  if (planned === undefined) throw new RangeError("a problem was thrown");
  return planned;
}

function targetOf({ target }: ExplainArguments): Target {
  return typeof target === "object" ? { index: target } : (target ?? "predicted");
}

/**
 * The positions of a dense output that are explained.
 * @param axes - Spatial axes of the images.
 */
async function regionOf(
  { target_mask: mask, target_voxel: voxel }: ExplainArguments,
  axes: number,
): Promise<TargetRegion> {
  if (mask !== undefined && voxel !== undefined) {
    throw new VoxplainError("invalid-argument", "--target_mask and --target_voxel cannot be combined");
  }
  if (voxel !== undefined) return { voxel };
  if (mask === undefined) return "grid";
  const { source, below } = fileAt(mask, "target_mask");
  return { mask: await readMask(source, below, axes) };
}

function rowOf({ session, prediction, parts }: ExplainedImage, target: number | string) {
  const { logits = [], probabilities, predictedClass } = prediction;
  const [part] = parts;
  return {
    image: session.name,
    explained_class: target,
    ...(probabilities.length > 0 && { predicted_class: predictedClass }),
    ...Object.fromEntries(logits.map((logit, k) => [`logit${k}`, logit])),
    ...Object.fromEntries(probabilities.map((p, k) => [`proba${k}`, p])),
    ...(part && { ...mapValues(part), ...warningValue(part.warnings) }),
  };
}
