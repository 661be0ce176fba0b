import { chooseRows, problemList } from "@voxplain/study";
import type { DataOptions } from "../job/data-options.ts";
import { prepareJob } from "../job/prepare.ts";
import { printLines } from "../print-lines.ts";

/** Which images are looked at, under the names of the command line. */
export type InspectedImages = Pick<
  DataOptions,
  | "images"
  | "bids_filter"
  | "label"
  | "label_code"
  | "masks"
  | "multi_cohort"
  | "preprocess"
  | "output"
  | "weights_key"
>;

/** Sessions of a kind that are listed. */
const mostListed = 10;

/**
 * `voxplain inspect --images`: which images of a table or a BIDS folder a model can use, and why not the others.
 * @throws VoxplainError for what is wrong with the model, the table or the folder, and where no image can be used.
 */
export async function inspectImages(
  modelPath: string,
  options: InspectedImages & { readonly images: string },
): Promise<void> {
  const prepare = (on_error: "skip" | "stop") =>
    prepareJob(
      {
        ...options,
        ...{ model_path: modelPath, use_cpu: true, nproc: 0, batch_size: 1, baseline: false },
        ...{ voting: "uniform", on_error, overwrite: true, dry_run: true, verbose: false },
        ...{ resume: false, trust_mtime: false, break_lock: false, no_fsync: false },
      },
      {
        ...{ kind: "predictions", name: "inspect", problems: problemList() },
        diagnoses: () => undefined,
        ofList: (list, model) => chooseRows(list, model, { label: options.label, predicts: true }),
        request: { result: "predictions" },
      },
    );
  // What is wrong with single images is reported beside what is wrong with the table.
  const { plan, data } = await prepare("skip").catch(() => prepare("stop"));
  const [task] = plan.tasks;
  if (task === undefined) throw new RangeError("a plan has a task");
  const { images, missing, warnings, trueLabels } = task;
  const names = listed(images.map(({ session }) => session.name));
  printLines(
    `model: ${plan.model.name}`,
    `images: ${data.imagesPath}`,
    `sessions that can be used: ${images.length}, with a known label: ${images.filter(({ session }) => trueLabels.has(session)).length}`,
    ...names.map((name) => `  ${name}`),
    `sessions that cannot be used: ${missing.length}`,
    ...listed(missing.map(({ error }) => error.message)).map((message) => `  ${message}`),
    ...warnings.map((warning) => `note: ${warning}`),
  );
}

function listed(texts: readonly string[]): readonly string[] {
  const more = texts.length - mostListed;
  return more > 0 ? [...texts.slice(0, mostListed), `and ${more.toLocaleString("en")} more`] : texts;
}
