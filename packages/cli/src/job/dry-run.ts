import type { Session } from "@voxplain/caps-io";
import { type Block, blocksOf, placesIn, type Request } from "@voxplain/study";
import { bytesText, type DiskUse, diskUse, type WritingOptions } from "./disk-use.ts";
import type { Job } from "./prepare.ts";
import { blocksOfShard, shardText } from "./split-options.ts";

/** What a job, or a part of it, would do, in lines: its networks, sessions, parts, passes, bytes and folders. */
export function describeJob(job: Job, { shard, pictures }: WritingOptions): readonly string[] {
  const { model, request } = job.plan;
  const lines = [`model: ${model.name} (${model.parts.mode})`];
  for (const { task, title, outputPath } of job.tasks) {
    const { partCount, passes, method } = task;
    const part = blocksOfShard(blocksOf(task), shard);
    const placeOf = placesIn(task);
    const isIn = ({ session }: { readonly session: Session }) =>
      part.some(({ start, end }) => placeOf(session) >= start && placeOf(session) < end);
    const [images, missing] = [task.images.filter(isIn), task.missing.filter(isIn)];
    const bytes = diskUse(task, job, part, pictures);
    lines.push(
      `${title}:`,
      `  results: ${resultsText(request.result, method?.name)}`,
      ...(shard === undefined ? [] : [`  part ${shardText(shard)}: ${partText(part, task.sessions.length)}`]),
      `  sessions: ${images.length}${missing.length === 0 ? "" : `, and ${missing.length} to be skipped`}`,
      ...images.map(
        ({ session: { name, cohort } }) => `    ${name}${cohort === "single" ? "" : ` (${cohort})`}`,
      ),
      ...missing.map(({ error }) => `    skipped: ${error.message}`),
      `  parts of each: ${partCount ?? "known when its files are read"}`,
      `  passes through the network: ${passesText(images.length, partCount, passes)}`,
      `  on the disk: ${bytes === undefined ? "known when the first image is read" : bytesOf(bytes)}`,
      ...task.warnings.map((warning) => `  warning: ${warning}`),
      `  files in: ${outputPath}`,
    );
  }
  return [...lines, "nothing was computed or written (--dry_run)"];
}

function resultsText(result: Request["result"], method: string | undefined): string {
  if (method === undefined) return "predictions";
  return result === "mean" ? `the mean map of all images (${method})` : `a map of each image (${method})`;
}

function bytesOf({ least, usual }: DiskUse): string {
  return `at least ${bytesText(least)}${usual > least ? `, about ${bytesText(usual)}` : ""}`;
}

/** Which of a list, from 1. */
function partText(part: readonly Block[], count: number): string {
  const [first, last] = [part[0], part.at(-1)];
  if (first === undefined || last === undefined) return "no session";
  return `sessions ${first.start + 1} to ${last.end} of ${count}`;
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
