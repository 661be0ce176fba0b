import { elementCount, VoxplainError } from "@voxplain/core";
import type { CompareOptions } from "@voxplain/group-analysis";
import {
  compareSources,
  comparisonFacts,
  comparisonSummary,
  type MapSet,
  mapSetOf,
  mapSource,
  planComparison,
  readAtlas,
  readJobMaps,
  readMaskImage,
  writeComparison,
} from "@voxplain/results/findings";
import { collectedFiles } from "./collected-files.ts";
import { withListedRows } from "./listed-rows.ts";
import type { CompareRequest, Found } from "./protocol.ts";
import { receivedFile, receivedFiles, type SentFiles } from "./sent-files.ts";
import { threadsFor, webThreads } from "./web-threads.ts";

/** What the rows of the voxels may take in a page, which takes some times as much for them in all. */
const mostBytes = 2 ** 28;

/**
 * What `voxplain compare` finds between two groups of a job, between one and 0, or between one and the same sessions of another job.
 * @throws VoxplainError as the command; `unsupported` for more maps than a page can hold.
 */
export async function findDifferences(
  request: CompareRequest,
  onProgress: NonNullable<CompareOptions["onProgress"]>,
): Promise<Found> {
  const { job, a, b, pairs, model, options } = request;
  const groups =
    pairs === undefined
      ? [a, ...(b === undefined ? [] : [b])].map((value) => [job, value] as const)
      : [job, pairs].map((of) => [of, a] as const);
  const sources = await Promise.all(groups.map(([of, value]) => groupOf(of, value, request.groupBy)));
  const set = await mapSetOf(sources);
  const mask = request.mask && (await readMaskImage(receivedFile(request.mask), set));
  const planned = planComparison(set, model);
  const atlas =
    request.atlas &&
    (await readAtlas(
      receivedFile(request.atlas.image),
      request.atlas.labels && receivedFile(request.atlas.labels),
      set,
    ));
  const voxels = voxelsOf(set, mask);
  refuseTooMany(voxels, planned.plan.rows.length);
  const files = collectedFiles(set);
  const runners = webThreads(threadsFor(voxels, request.threads));
  const found = await compareSources(planned, { mask, atlas }, { ...options, onProgress, runners });
  await writeComparison(files, found, planned);
  return {
    ...{ tables: files.tables.map(withListedRows), images: files.images, facts: comparisonFacts(found) },
    summary: comparisonSummary(found, set.isPlaced),
    warnings: [...new Set([...set.warnings, ...planned.plan.warnings, ...found.warnings])],
  };
}

async function groupOf(job: SentFiles, value: string, groupBy: string) {
  const content = await readJobMaps(receivedFiles(job));
  return mapSource(content, { text: `${job.name}:${value}`, path: job.name, kind: "job", value, groupBy });
}

function voxelsOf({ grid }: MapSet, mask: Uint8Array | undefined): number {
  return mask === undefined ? elementCount(grid.shape) : mask.reduce((sum, inside) => sum + inside, 0);
}

/** Before the first map is read. */
function refuseTooMany(voxels: number, rows: number): void {
  const bytes = 4 * rows * voxels;
  if (bytes <= mostBytes) return;
  const gigabytes = (count: number) => `${(count / 1e9).toFixed(1)} GB`;
  throw new VoxplainError("unsupported", `${rows} maps of ${voxels} voxels are too much for a page`, {
    expected: `at most ${gigabytes(mostBytes)}`,
    found: gigabytes(bytes),
    hint: "give a mask of the brain, or compare them with voxplain compare",
  });
}
