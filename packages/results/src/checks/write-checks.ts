import type { CheckCurve } from "@voxplain/saliency";
import type { ExplainedImage, Plan, SessionCheck, TableOptions } from "@voxplain/study";
import { encodeTablePieces } from "@voxplain/writers";
import { loadPictures } from "../maps/write-map.ts";
import type { RecordedFiles } from "../records/recorded-files.ts";

/** What was measured of the map of a session of a cohort, or of each of its parts; nothing where none was checked. */
export function checkedOf(
  { model }: Pick<Plan, "model">,
  { session: { cohort, participantId, sessionId }, parts }: ExplainedImage,
  { withCohort = false }: TableOptions = {},
): SessionCheck[] {
  const { mode } = model.parts;
  const session = {
    ...(withCohort && { cohort }),
    participant_id: participantId,
    session_id: sessionId || "n/a",
  };
  return parts.flatMap(({ part, checked: result }) =>
    result === undefined
      ? []
      : [{ identity: mode === "image" ? session : { ...session, [`${mode}_id`]: part.id }, result }],
  );
}

interface Plot {
  readonly file: string;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly checks: readonly string[];
}

const plots: readonly Plot[] = [
  {
    file: "checks_deletion-insertion.png",
    title: "Deletion and insertion of voxels, the most relevant first",
    xLabel: "fraction of the voxels",
    yLabel: "probability of the explained class, or the value of a single output",
    checks: ["deletion", "insertion"],
  },
  ...["cascading", "independent"].map((order) => ({
    file: `checks_${order}-randomization.png`,
    title: `Similarity to the map of a network with random weights (${order})`,
    xLabel:
      order === "cascading"
        ? "layers randomized, from the logits on"
        : "layer randomized, from the logits on",
    yLabel: "similarity",
    checks: [`${order}-randomization`],
  })),
];

/**
 * Where maps were checked: checks.tsv, a row per map and quantity, and checks_*.png, plots of the mean curves.
 * @param checked - Begins to read the checks anew: they are read twice, and not held.
 */
export async function writeChecks(
  files: RecordedFiles,
  checked: () => AsyncIterable<SessionCheck>,
): Promise<void> {
  const means = meanCurves();
  let first: SessionCheck | undefined;
  for await (const one of checked()) {
    first ??= one;
    for (const curve of one.result.curves) means.add(curve);
  }
  if (first === undefined) return;
  const columns = [...Object.keys(first.identity), "check", "quantity", "parameter", "value"];
  await files.write("checks.tsv", encodeTablePieces(columns, rowsOf(checked())));
  const curves = means.curves();
  const { renderCurves } = await loadPictures();
  for (const { file, checks, ...labels } of plots) {
    const shown = curves.filter(({ check, x }) => checks.includes(check) && x.length > 1);
    if (shown.length === 0) continue;
    const lines = shown.map(({ check, series, x, y }) => ({
      name: checks.length === 1 ? series : `${check}, ${series === "map" ? "map's order" : "random order"}`,
      // In a network without random layers the map is the same.
      points: [
        ...(check === "cascading-randomization" ? [[0, 1] as const] : []),
        ...x.map((value, k) => [value, y[k]!] as const),
      ],
      faint: series === "random",
    }));
    await files.write(file, await renderCurves(lines, labels));
  }
}

/** Over all maps; networks of other lengths are left out of the curves of the first. */
function meanCurves() {
  const sums = new Map<string, { first: CheckCurve; y: number[]; count: number }>();
  return {
    add(curve: CheckCurve) {
      const key = `${curve.check} ${curve.series}`;
      const sum = sums.get(key) ?? { first: curve, y: curve.y.map(() => 0), count: 0 };
      sums.set(key, sum);
      if (curve.x.length !== sum.first.x.length) return;
      sum.count++;
      for (const [k, value] of curve.y.entries()) sum.y[k]! += value;
    },
    curves: (): readonly CheckCurve[] =>
      [...sums.values()].map(({ first, y, count }) => ({ ...first, y: y.map((value) => value / count) })),
  };
}

async function* rowsOf(checked: AsyncIterable<SessionCheck>) {
  for await (const { identity, result } of checked)
    for (const row of result.rows) yield { ...identity, ...row };
}
