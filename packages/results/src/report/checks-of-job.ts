import type { FileSource } from "@voxplain/core";
import { readFile } from "@voxplain/core";
import type { ReportedPicture, ReportedTable } from "@voxplain/report";
import { meanAndDeviation, rangeOf } from "../tables/mean-and-deviation.ts";
import { caption } from "./caption.ts";
import type { StoredTable } from "./stored-table.ts";

/** A row for each check, quantity and parameter: how many maps, mean, standard deviation, range. */
export function summaryOfChecks({ rows }: StoredTable): ReportedTable {
  const groups = new Map<
    string,
    { readonly first: StoredTable["rows"][number]; readonly values: number[] }
  >();
  for (const row of rows) {
    const key = JSON.stringify([row.check, row.quantity, row.parameter]);
    const group = groups.get(key) ?? { first: row, values: [] };
    groups.set(key, group);
    const value = row.value === undefined || row.value === "" ? Number.NaN : Number(row.value);
    if (Number.isFinite(value)) group.values.push(value);
  }
  return {
    columns: ["check", "quantity", "parameter", "maps", "mean", "sd", "least", "most"],
    rows: [...groups.values()].map(({ first, values }) => {
      const { mean, deviation } = meanAndDeviation(values);
      const isAny = values.length > 0;
      return {
        ...{
          check: first.check,
          quantity: first.quantity,
          parameter: first.parameter || "–",
          maps: values.length,
        },
        mean: isAny ? mean : null,
        sd: deviation,
        ...(isAny ? rangeOf(values) : { least: null, most: null }),
      };
    }),
  };
}

const plots = [
  [
    "checks_deletion-insertion.png",
    "the probability while voxels are deleted and inserted, the most relevant first",
  ],
  [
    "checks_cascading-randomization.png",
    "the similarity to maps of a network whose layers are randomized one after the other",
  ],
  ["checks_independent-randomization.png", "the similarity to maps of a network with one randomized layer"],
] as const;

/** The plots that a job drew: mean curves, without names of participants. */
export async function curvesOfChecks(source: FileSource): Promise<ReportedPicture[]> {
  const pictures: ReportedPicture[] = [];
  for (const [file, what] of plots) {
    if ((await source.open(file)) === undefined) continue;
    pictures.push({
      bytes: await readFile(source, file),
      type: "image/png",
      alternative: `Curves of ${what}, mean over all maps.`,
      caption: caption(`${what}: mean over all maps`),
    });
  }
  return pictures;
}
