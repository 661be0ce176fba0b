import { ahead } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import {
  type Agreement,
  agreement,
  type MapValues,
  type Progress,
  prepareMap,
} from "@voxplain/group-analysis";
import type { Cell } from "@voxplain/writers";
import type { MapSet } from "../sources/map-set.ts";
import type { MapSource } from "../sources/map-source.ts";
import { mapName, type SourceMap } from "../sources/source-map.ts";
import { meanAndDeviation } from "../tables/mean-and-deviation.ts";
import { type FindingFiles, sessionCells } from "./finding-files.ts";

/** How agreement is measured. */
export interface AgreementFindingOptions {
  /** Percentages of the strongest voxels that are compared. */
  readonly top: readonly number[];
  /** Voxels that are not 0 count. Default: all. */
  readonly mask?: Uint8Array | undefined;
  /** What of each map is compared. Default: "signed". */
  readonly values?: MapValues | undefined;
  /** Called after each pair of maps. */
  readonly onProgress?: (progress: Progress) => void;
}

/** The maps of a session in two sources. */
interface Pair {
  readonly numbers: readonly [number, number];
  readonly a: SourceMap;
  readonly b: SourceMap;
}

/** The sessions that each two sources have in common. @throws VoxplainError `mismatch` for two without any. */
export function commonSessions({ sources }: Pick<MapSet, "sources">): readonly Pair[] {
  return sources.flatMap((one, i) =>
    sources.slice(i + 1).flatMap((other, k) => pairsOf(one, other, [i + 1, i + 2 + k])),
  );
}

function pairsOf(one: MapSource, other: MapSource, numbers: readonly [number, number]): Pair[] {
  const partners = new Map(other.maps.map((map) => [mapName(map), map]));
  const pairs = one.maps.flatMap((a): Pair[] => {
    const b = partners.get(mapName(a));
    return b === undefined ? [] : [{ numbers, a, b }];
  });
  if (pairs.length > 0) return pairs;
  throw new VoxplainError(
    "mismatch",
    `${one.text} and ${other.text} have no participant and session in common`,
  );
}

/** Writes agreement.tsv, a row for each session that two sources have, and agreement_summary.tsv, a row for each two sources. */
export async function writeAgreement(
  files: FindingFiles,
  set: MapSet,
  { top, mask, values = "signed", onProgress }: AgreementFindingOptions,
): Promise<void> {
  const pairs = commonSessions(set);
  const metrics = ["pearson", "spearman", ...top.map((k) => `dice_top${k}`)];
  const rows: Readonly<Record<string, Cell>>[] = [];
  const read = async ({ a, b }: Pair) => [await set.read(a), await set.read(b)] as const;
  for await (const [a, b] of ahead(pairs, read, 1)) {
    const pair = pairs[rows.length];
    if (pair === undefined) throw new RangeError("a pair for each two maps");
    const found = agreement(prepareMap(a, { values }), prepareMap(b, { values }), {
      top,
      ...(mask && { mask }),
    });
    rows.push({
      ...{ source_a: pair.numbers[0], source_b: pair.numbers[1], ...sessionCells(pair.a) },
      ...cellsOf(found, top),
    });
    onProgress?.({ phase: "maps", done: rows.length, total: pairs.length });
  }
  const identity = ["source_a", "source_b", "participant_id", "session_id", "voxels"];
  await files.table("agreement.tsv", [...identity, ...metrics], rows);
  const summary = [
    "source_a",
    "source_b",
    "sessions",
    ...metrics.flatMap((name) => [`${name}_mean`, `${name}_sd`]),
  ];
  await files.table("agreement_summary.tsv", summary, summaries(rows, metrics));
}

function cellsOf({ voxels, pearson, spearman, dice }: Agreement, top: readonly number[]) {
  return {
    ...{ voxels, pearson, spearman },
    ...Object.fromEntries(top.map((k, at) => [`dice_top${k}`, dice[at]])),
  };
}

/** Mean and standard deviation (n − 1) over the sessions for which a quantity is available. */
function summaries(rows: readonly Readonly<Record<string, Cell>>[], metrics: readonly string[]) {
  const groups = new Map<string, Readonly<Record<string, Cell>>[]>();
  for (const row of rows) {
    const key = `${row.source_a} ${row.source_b}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((group) => ({
    ...{ source_a: group[0]?.source_a, source_b: group[0]?.source_b, sessions: group.length },
    ...Object.fromEntries(
      metrics.flatMap((name) => {
        const values = group.flatMap(({ [name]: value }) => (typeof value === "number" ? [value] : []));
        const { mean, deviation } = meanAndDeviation(values);
        return [
          [`${name}_mean`, mean],
          [`${name}_sd`, deviation],
        ];
      }),
    ),
  }));
}
