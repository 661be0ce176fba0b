import type { Volume } from "@voxplain/core";
import { type Typicality, typicality } from "@voxplain/group-analysis";
import type { ReportedPicture, ReportedTypicality } from "@voxplain/report";
import { mapName, type SourceMap } from "../sources/source-map.ts";
import { planesPicture } from "./pictures.ts";

/** The most that are shown; extreme ones are looked at more closely. */
const most = { typical: 2, extreme: 4 };

/** The mean map of a job, and how its sessions resemble each other. */
export async function typicalSessions(
  maps: readonly SourceMap[],
  read: (map: SourceMap) => Promise<Float32Array>,
  onProgress: (done: number, total: number) => void,
): Promise<Typicality> {
  async function* all() {
    for (const map of maps) yield await read(map);
  }
  return typicality(all, { onProgress: ({ done }) => onProgress(done, 2 * maps.length) });
}

/** The table of all sessions, and pictures of the most and the least typical. */
export async function reportedTypicality(
  maps: readonly SourceMap[],
  { correlation, strength }: Typicality,
  pictureOf: (map: SourceMap, correlation: number) => Promise<ReportedPicture>,
): Promise<ReportedTypicality> {
  const sessions = maps.map((map, k) => ({
    map,
    correlation: correlation[k] ?? null,
    strength: strength[k] ?? null,
  }));
  const sorted = sessions.toSorted((a, b) => (b.correlation ?? -2) - (a.correlation ?? -2));
  const placed = sorted.flatMap((one) =>
    one.correlation === null ? [] : [{ ...one, correlation: one.correlation }],
  );
  const half = Math.floor(placed.length / 2);
  const draw = async (ones: typeof placed) => {
    const pictures: ReportedPicture[] = [];
    for (const one of ones) pictures.push(await pictureOf(one.map, one.correlation));
    return pictures;
  };
  return {
    typical: await draw(placed.slice(0, Math.min(most.typical, half))),
    extreme: await draw(placed.toReversed().slice(0, Math.min(most.extreme, half))),
    table: {
      columns: ["session", "correlation", "strength"],
      rows: sorted.map(({ map, ...numbers }) => ({ session: mapName(map), ...numbers })),
    },
  };
}

/** The map of a session through its strongest voxel. */
export function sessionPicture(
  map: Volume,
  anatomy: Volume | undefined,
  name: string,
  correlation: number,
): Promise<ReportedPicture> {
  const words = { what: `the map of ${name}`, more: `correlation with the others ${correlation.toFixed(3)}` };
  return planesPicture(map, anatomy, words, "narrow");
}
