import { isVoxplainError } from "@voxplain/core";
import { gridOf, naming, readGeometry } from "../load-image.ts";
import { planExtracted } from "../parts/extracted-plan.ts";
import type { CapsSession } from "../parts/locate-sessions.ts";
import { checkMasks } from "../parts/region-masks.ts";
import { ahead } from "../read-ahead.ts";
import { openTensor } from "../read-tensor.ts";
import type { ImageGrid } from "./compare-grids.ts";

/** Headers that are read at the same time. */
const concurrent = 8;

/**
 * The grids of sessions, in their order, from the headers of their files. A file that cannot be read leaves its grid
 * unknown: whoever reads the image says why.
 */
export async function readSessionGrids(sessions: readonly CapsSession[]): Promise<readonly ImageGrid[]> {
  const grids: ImageGrid[] = [];
  for await (const grid of ahead(sessions, readGrid, concurrent)) grids.push(grid);
  return grids;
}

async function readGrid(located: CapsSession): Promise<ImageGrid> {
  const { session, caps, image, extracted, masks } = located;
  const name = `${session.participantId} ${session.sessionId}`;
  const geometry = image && (await attempt(() => readGeometry(caps, image)));
  const grid = { name, ...(geometry && gridOf(geometry)) };
  if (extracted) {
    const shape = await attempt(async () => {
      const { dims } = await openTensor(caps, extracted.pathOf(extracted.ids[0]!));
      return planExtracted(located, extracted.ids, dims, geometry?.dims.slice(1)).grid;
    });
    return { ...grid, ...(shape && { shape }) };
  }
  if (!masks || !image || !geometry) return grid;
  try {
    await naming(session, caps, image.path, async () => checkMasks(masks, grid));
    return grid;
  } catch (problem) {
    if (!isVoxplainError(problem)) throw problem;
    return { ...grid, problem };
  }
}

async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isVoxplainError(error)) return undefined;
    throw error;
  }
}
