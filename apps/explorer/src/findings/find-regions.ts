import { mapSetOf, mapSource, readAtlas, writeRegions } from "@voxplain/results/findings";
import { collectedFiles } from "./collected-files.ts";
import type { Found, RegionsRequest } from "./protocol.ts";
import { receivedFile } from "./sent-files.ts";

/** What `voxplain regions` finds in one map. @throws VoxplainError as the command. */
export async function findRegions({ map, participant, session, atlas }: RegionsRequest): Promise<Found> {
  const one = { participant, session, place: receivedFile(map), cells: {} };
  const content = { columns: ["participant_id", "session_id", "map"], maps: [one] };
  const source = { text: map.below, path: map.below, kind: "table", value: undefined } as const;
  const set = await mapSetOf([mapSource(content, source)]);
  const regions = await readAtlas(receivedFile(atlas.image), atlas.labels && receivedFile(atlas.labels), set);
  const files = collectedFiles(set);
  const warnings: string[] = [...set.warnings];
  await writeRegions(files, set, { atlas: regions, warn: (warning) => warnings.push(warning) });
  const { tables, images } = files;
  return { tables, images, facts: {}, summary: "", warnings };
}
