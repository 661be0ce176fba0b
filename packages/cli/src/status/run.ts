import { existsSync } from "node:fs";
import { join } from "node:path";
import { readTableFile } from "@voxplain/caps-io";
import { directory } from "@voxplain/core/node";
import { folderStore, workersOn } from "@voxplain/results";
import { finishedSessions } from "@voxplain/study";
import { bytesIn, bytesText } from "../job/disk-use.ts";
import { isResult, type KeptQuery, type KeptResult, keptResults } from "../job/kept-results.ts";
import { keptJobIn } from "../job/kept-task.ts";
import { isPublished } from "../job/published.ts";
import { keyOf } from "../job/recorded-task.ts";
import { printLines } from "../print-lines.ts";

/** `voxplain status`: how far a job is. */
export async function status(query: KeptQuery): Promise<void> {
  for (const result of keptResults(query)) printLines(...(await linesOf(result)));
}

async function linesOf({ outputPath, sessions: folder }: KeptResult): Promise<readonly string[]> {
  const lines = [`${outputPath}:`];
  const job = (await isPublished(outputPath)) ? undefined : keptJobIn(folder);
  const isComplete = isResult(outputPath);
  if (isComplete && job === undefined) lines.push(...(await linesOfResult(outputPath)));
  if (isComplete && job !== undefined)
    lines.push("  an older result has this name until the job is complete");
  const running = workersOn(outputPath).map(({ kind, shard, host, pid }) => {
    const what = shard === undefined ? kind : `part ${shard}`;
    return `${what} on ${host} (process ${pid})`;
  });
  if (running.length > 0) lines.push(`  running: ${running.join(", ")}`);
  if (job === undefined) return isComplete ? lines : [...lines, "  no session is finished yet"];
  const store = folderStore(folder);
  const finished = await finishedSessions(store, job.task, keyOf(job.task, job.network));
  const all = job.task.sessions;
  const missing = all.filter((_, place) => finished.at(place) === undefined);
  const seconds: number[] = [];
  const skipped: string[] = [];
  for await (const session of finished.read()) {
    if (session.computed !== undefined) seconds.push(session.seconds);
    else skipped.push(`    ${session.name}: ${session.skipped?.problem}`);
  }
  seconds.sort((a, b) => a - b);
  const usual = seconds[Math.floor(seconds.length / 2)];
  const left =
    usual === undefined || missing.length === 0
      ? ""
      : `, about ${timeText(usual * missing.length)} of computing`;
  return [
    ...lines,
    `  finished: ${seconds.length} of ${all.length} sessions`,
    `  skipped: ${skipped.length}`,
    ...skipped,
    `  missing: ${missing.length}${left}`,
    ...listed(missing.map(({ name }) => name)),
    `  on the disk: ${bytesText(bytesIn(folder))}`,
  ];
}

/** Who is in a complete result, and who was left out and why. */
async function linesOfResult(path: string): Promise<readonly string[]> {
  const rowsOf = async (below: string) =>
    existsSync(join(path, below)) ? (await readTableFile({ source: directory(path), below })).rows : [];
  const used = (await rowsOf("data.tsv")).length;
  const skipped = await rowsOf("errors.tsv");
  return [
    `  the result is complete: ${used} ${used === 1 ? "session" : "sessions"}`,
    `  skipped: ${skipped.length}`,
    ...skipped.map(({ fields }) => `    ${fields.reason ?? fields.error ?? ""}`),
  ];
}

function listed(names: readonly string[]): readonly string[] {
  const shown = names.slice(0, 10).map((name) => `    ${name}`);
  return names.length > 10 ? [...shown, `    and ${names.length - 10} more`] : shown;
}

function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
