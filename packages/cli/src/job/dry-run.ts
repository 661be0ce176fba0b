import type { Request } from "@voxplain/study";
import type { Job } from "./prepare.ts";
import type { Shard } from "./split-options.ts";

/** What a job would do, as text: its networks, sessions, parts, passes and folders. */
export function describeJob({ plan: { model, request }, tasks }: Job, _shard?: Shard): string {
  const lines = [`model: ${model.name} (${model.parts.mode})`];
  for (const { task, title, outputPath } of tasks) {
    const { images, missing, partCount, passes, method } = task;
    lines.push(
      `${title}:`,
      `  results: ${resultsText(request.result, method?.name)}`,
      `  sessions: ${images.length}${missing.length === 0 ? "" : `, and ${missing.length} to be skipped`}`,
      ...images.map(
        ({ session: { name, cohort } }) => `    ${name}${cohort === "single" ? "" : ` (${cohort})`}`,
      ),
      ...missing.map(({ error }) => `    skipped: ${error.message}`),
      `  parts of each: ${partCount ?? "known when its files are read"}`,
      `  passes through the network: ${passesText(images.length, partCount, passes)}`,
      ...task.warnings.map((warning) => `  warning: ${warning}`),
      `  files in: ${outputPath}`,
    );
  }
  return `${lines.join("\n")}\nnothing was computed or written (--dry_run)\n`;
}

function resultsText(result: Request["result"], method: string | undefined): string {
  if (method === undefined) return "predictions";
  return result === "mean" ? `the mean map of all images (${method})` : `a map of each image (${method})`;
}

function passesText(
  images: number,
  parts: number | undefined,
  each: { readonly least: number; readonly most: number } | undefined,
): string {
  if (parts === undefined || each === undefined) return "known when the first image is read";
  const [least, most] = [each.least * parts * images, each.most * parts * images];
  return least === most ? `${most}` : `${least} to ${most}`;
}
