import { basename, resolve } from "node:path";
import { parsePreprocessing, readMask } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import { refuseExisting } from "@voxplain/core/node";
import { imageName, writeChecks, writeExplanation, writeTables } from "@voxplain/results";
import {
  openCohort,
  openModel,
  type Plan,
  plan,
  predictionTable,
  problemList,
  type SessionCheck,
  type Target,
  type TargetRegion,
} from "@voxplain/study";
import { fileAt } from "@voxplain/study/node";
import { checkRequest, methodTexts } from "../command-line/method-flags.ts";
import { templateAt } from "../job/template.ts";
import { imagesAt, referencesAt } from "./image-files.ts";
import type { ExplainArguments } from "./options.ts";
import { runExplanations } from "./run-images.ts";

/** `voxplain explain`: images explained with a network of an ONNX file. Resolves to the exit status. */
export function explain(args: ExplainArguments, command: readonly string[]): Promise<0> {
  const outputPath = resolve(args.output_dir ?? `${basename(args.model, ".onnx")}_${args.method}`);
  const { no_fsync: _, ...recorded } = args;
  const checked: SessionCheck[] = [];
  return runExplanations({
    ...{ options: args, command, outputPath, title: basename(args.model) },
    recorded: ({ method }) => ({ task: "explain", ...recorded, method_options: method?.options }),
    prepare: () => planExplanation(args, outputPath),
    async write(files, image, warnings) {
      const name = imageName(image.session.name);
      const asked = typeof args.target === "object" ? args.target.join(",") : image.target;
      const title = `${name}: ${args.method}, ${typeof asked === "string" ? "output" : "class"} ${asked}`;
      if (image.affine === undefined && image.map.dims.length > 3) warnings.add(unknownPosition(name));
      await writeExplanation(files, image, { name, title, vmax: args.vmax });
      for (const { checked: result } of image.parts) {
        if (result !== undefined) checked.push({ identity: { image: image.session.name }, result });
      }
    },
    async finish(files, predictions) {
      // One value of the output has an index instead of a class.
      const index = typeof args.target === "object" ? { explained: args.target.join(",") } : {};
      const rows = predictions.map((one) => ({ ...one, ...index }));
      await writeTables(files, { "predictions.tsv": predictionTable(rows) });
      await writeChecks(files, checked);
    },
  });
}

function unknownPosition(name: string): string {
  return (
    `the position of the voxels of ${name} is unknown: its map gets the identity as its affine; ` +
    "name an image on the same grid (--nifti_template_path)"
  );
}

/** Settles what is computed, from headers. @throws VoxplainError with all problems that can be known by then. */
async function planExplanation(args: ExplainArguments, outputPath: string): Promise<Plan> {
  const problems = problemList();
  await problems.attempt(() => refuseExisting(outputPath, args.overwrite, ["provenance.json"]));
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
