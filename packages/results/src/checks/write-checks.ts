import type { CheckCurve } from "@voxplain/saliency";
import type { ExplainedImage, Plan, SessionCheck, TableOptions, TableRow } from "@voxplain/study";
import { encodeTable } from "@voxplain/writers";
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

/** Makes checks.tsv and its plots of checks that need not all be in memory: they are read twice. */
export interface ChecksMaker {
  /** Looks at each check first. */
  see(check: SessionCheck): void;
  /** When all were seen: the columns of checks.tsv; undefined where no map was checked. */
  columns(): readonly string[] | undefined;
  /** The rows of checks.tsv about a map, one for each quantity. */
  rowsOf(check: SessionCheck): readonly TableRow[];
  /** When all were seen: writes checks_*.png, plots of the mean curves. */
  writePlots(files: RecordedFiles): Promise<void>;
}

/** None yet. */
export function checksMaker(): ChecksMaker {
  const means = meanCurves();
  let first: SessionCheck | undefined;
  return {
    see(check) {
      first ??= check;
      for (const curve of check.result.curves) means.add(curve);
    },
    columns: () => first && [...Object.keys(first.identity), "check", "quantity", "parameter", "value"],
    rowsOf: ({ identity, result }) => result.rows.map((row) => ({ ...identity, ...row })),
    writePlots: (files) => writePlots(files, means.curves()),
  };
}

/** Where maps were checked: checks.tsv, a row per map and quantity, and checks_*.png, plots of the mean curves. */
export async function writeChecks(files: RecordedFiles, checked: readonly SessionCheck[]): Promise<void> {
  const maker = checksMaker();
  for (const check of checked) maker.see(check);
  const columns = maker.columns();
  if (columns === undefined) return;
  await files.write("checks.tsv", encodeTable(columns, checked.flatMap(maker.rowsOf)));
  await maker.writePlots(files);
}

async function writePlots(files: RecordedFiles, curves: readonly CheckCurve[]): Promise<void> {
  if (curves.length === 0) return;
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
