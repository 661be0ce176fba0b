import { elementAt, groupBy, VoxplainError } from "@voxplain/core";
import { linearModel, type Model } from "./model.ts";

/** One session with a map. */
export interface SessionRow {
  /** Whose map it is. */
  readonly participant: string;
  /** Which of the participant's sessions; "" where there is one only. */
  readonly session?: string;
  /** Cells of a table by column. */
  readonly covariates?: Readonly<Record<string, string>>;
}

/** What is compared. */
export interface DesignOptions {
  /** The sessions of A. */
  readonly a: readonly SessionRow[];
  /** The sessions of B; without them the mean of A is compared with 0. */
  readonly b?: readonly SessionRow[];
  /** Whether rows of A and B with the same participant and session form pairs. Default false. */
  readonly paired?: boolean;
  /** What happens to several sessions of a participant: their maps or differences are averaged, or kept as a block that is relabelled whole. Default "mean". */
  readonly repeated?: "mean" | "blocks";
  /** Columns of `covariates` that the model adjusts for. With pairs, A's count. */
  readonly covariates?: readonly string[];
}

/** One row of the model. */
export interface DesignRow {
  /** Whose data it is. */
  readonly participant: string;
  /** Sessions that are averaged in it. */
  readonly sessions: readonly string[];
  /** "a" also for pairs and for one sample. */
  readonly group: "a" | "b";
  /** Places in `DesignOptions.a` of the maps whose mean is the row, or its first part for pairs. */
  readonly a: readonly number[];
  /** Places in `DesignOptions.b`: of a row of group B, or of what is subtracted for pairs. */
  readonly b: readonly number[];
  /** Values of the model's covariates, centred: numbers, or indicators of levels. */
  readonly covariates: readonly number[];
}

/** One map, and the row of the model that it belongs to. */
export interface MapOfRow {
  /** Which source. */
  readonly source: "a" | "b";
  /** Its place in that source. */
  readonly index: number;
}

/** Rows, model and blocks of a comparison. */
export interface Design {
  /** One per participant, or per session for `repeated: "blocks"`. */
  readonly rows: readonly DesignRow[];
  /** What is fitted. */
  readonly model: Model;
  /** Whether rows are differences of pairs. */
  readonly paired: boolean;
  /** Rows of A. */
  readonly nA: number;
  /** Rows of B; with pairs as many as A; 0 for one sample. */
  readonly nB: number;
  /** Names of the model's covariates: a column, or `column=level`. */
  readonly covariates: readonly string[];
  /** For each row the number of its block; rows of a block are relabelled together. */
  readonly blocks: Int32Array;
  /** Maps in the order in which `compareMaps` takes them: row by row. */
  readonly maps: readonly MapOfRow[];
  /** Sentences for the user: what was left out. */
  readonly warnings: readonly string[];
}

interface Item extends SessionRow {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly group: "a" | "b";
}

/**
 * Rows, model and blocks of a comparison of two groups, of pairs, or of one sample with 0.
 * @throws VoxplainError `invalid-argument` or `mismatch`: an empty group, a session twice, a participant in both groups, no pair,
 * a covariate that is missing, unknown or dependent, or no degree of freedom.
 */
export function design(options: DesignOptions): Design {
  const { a, b, paired = false, repeated = "mean", covariates = [] } = options;
  if (a.length === 0) throw new VoxplainError("not-found", "group A has no maps");
  if (b !== undefined && b.length === 0) throw new VoxplainError("not-found", "group B has no maps");
  if (paired && b === undefined) {
    throw new VoxplainError(
      "invalid-argument",
      "pairs need two sources: give B, or do not compare pairs (--paired)",
    );
  }
  refuseRepeats(a, "A");
  if (b !== undefined) refuseRepeats(b, "B");
  const warnings: string[] = [];
  const items = paired && b !== undefined ? pairs(a, b, warnings) : separate(a, b ?? []);
  const groups = repeated === "blocks" ? items.map((item) => [item]) : byParticipant(items);
  // With "blocks" the rows of a participant stand together, so that maps are pulled in one order whatever the tables' order.
  const ordered =
    repeated === "blocks" ? byParticipant(items).flatMap((found) => found.map((item) => [item])) : groups;
  const { names, columns } = covariateColumns(ordered, covariates);
  const rows = ordered.map(
    (found, row): DesignRow => ({
      participant: elementAt(found, 0).participant,
      sessions: found.map(({ session = "" }) => session),
      group: elementAt(found, 0).group,
      a: found.flatMap((item) => item.a),
      b: found.flatMap((item) => item.b),
      covariates: columns.map(({ values }) => elementAt(values, row)),
    }),
  );
  const twoGroups = b !== undefined && !paired;
  const rank = 1 + (twoGroups ? 1 : 0) + columns.length;
  const nA = rows.filter(({ group }) => group === "a").length;
  const nB = paired ? nA : rows.length - nA;
  if (rows.length - rank < 1) {
    const what = paired ? `${rows.length} pairs` : twoGroups ? `${nA} + ${nB} rows` : `${rows.length} rows`;
    throw new VoxplainError(
      "mismatch",
      `${what} leave no degree of freedom for ${rank} ${rank === 1 ? "column" : "columns"} of the model: at least ${rank + 1} rows are needed. Add maps${columns.length > 0 ? " or leave out covariates" : ""}`,
    );
  }
  const model = linearModel(
    twoGroups ? "two-groups" : "one-sample",
    Float64Array.from(rows, ({ group }) => (twoGroups && group === "b" ? 0 : 1)),
    columns.map(({ values }) => values),
    (place) =>
      new VoxplainError(
        "mismatch",
        place < 0
          ? "the groups are a linear combination of the covariates. Leave out a covariate"
          : `the covariate ${elementAt(columns, place).column} is constant, or a linear combination of the groups and the other covariates. Leave it out`,
      ),
  );
  const blockOf = new Map<string, number>();
  const blocks = Int32Array.from(rows, ({ participant }) => {
    const block = blockOf.get(participant) ?? blockOf.size;
    blockOf.set(participant, block);
    return block;
  });
  const maps = rows.flatMap((row) => [
    ...row.a.map((index) => ({ source: "a" as const, index })),
    ...row.b.map((index) => ({ source: "b" as const, index })),
  ]);
  return { rows, model, paired, nA, nB, covariates: names, blocks, maps, warnings };
}

const keyOf = ({ participant, session = "" }: SessionRow) => JSON.stringify([participant, session]);
const nameOf = ({ participant, session = "" }: SessionRow) =>
  session === "" ? participant : `${participant}, ${session}`;

function refuseRepeats(rows: readonly SessionRow[], group: string): void {
  const seen = new Set<string>();
  for (const row of rows) {
    if (seen.has(keyOf(row))) {
      throw new VoxplainError("mismatch", `group ${group} lists ${nameOf(row)} twice`);
    }
    seen.add(keyOf(row));
  }
}

function separate(a: readonly SessionRow[], b: readonly SessionRow[]): Item[] {
  const inA = new Set(a.map(({ participant }) => participant));
  const both = b.find(({ participant }) => inA.has(participant));
  if (both !== undefined) {
    throw new VoxplainError(
      "mismatch",
      `${both.participant} is in both groups: compare pairs (--paired), or leave the participant out of one group`,
    );
  }
  return [
    ...a.map((row, index): Item => ({ ...row, a: [index], b: [], group: "a" })),
    ...b.map((row, index): Item => ({ ...row, a: [], b: [index], group: "b" })),
  ];
}

function pairs(a: readonly SessionRow[], b: readonly SessionRow[], warnings: string[]): Item[] {
  const partner = new Map(b.map((row, index) => [keyOf(row), index]));
  const items = a.flatMap((row, index): Item[] => {
    const other = partner.get(keyOf(row));
    return other === undefined ? [] : [{ ...row, a: [index], b: [other], group: "a" }];
  });
  if (items.length === 0) {
    throw new VoxplainError(
      "mismatch",
      "A and B have no participant and session in common, so there is no pair",
    );
  }
  const left = a.length + b.length - 2 * items.length;
  if (left > 0) {
    const had = left === 1 ? "1 map has" : `${left} maps have`;
    warnings.push(`${had} no partner in the other source and ${left === 1 ? "is" : "are"} left out`);
  }
  return items;
}

function byParticipant(items: readonly Item[]): readonly (readonly Item[])[] {
  return [...groupBy(items, ({ participant }) => participant).values()];
}

interface CovariateColumn {
  readonly column: string;
  readonly values: Float64Array;
}

function covariateColumns(
  rows: readonly (readonly Item[])[],
  columns: readonly string[],
): { readonly names: string[]; readonly columns: CovariateColumn[] } {
  const names: string[] = [];
  const result: CovariateColumn[] = [];
  for (const column of columns) {
    const cells = rows.map((items) => items.map((item) => cellOf(item, column)));
    if (cells.flat().every((cell) => Number.isFinite(Number(cell)))) {
      names.push(column);
      result.push({
        column,
        values: centred(cells.map((row) => row.reduce((sum, cell) => sum + Number(cell), 0) / row.length)),
      });
      continue;
    }
    cells.forEach((row, at) => {
      if (new Set(row).size > 1) {
        throw new VoxplainError(
          "mismatch",
          `${elementAt(elementAt(rows, at), 0).participant} has several values of ${column} (${[...new Set(row)].join(", ")}) in sessions that are averaged. Compare one session each, or permute blocks of sessions (--repeated blocks)`,
        );
      }
    });
    const levels = [...new Set(cells.flat())].sort();
    // One level only is a constant column, which the model refuses by name.
    for (const level of levels.length === 1 ? levels : levels.slice(1)) {
      names.push(`${column}=${level}`);
      result.push({ column, values: centred(cells.map(([cell]) => (cell === level ? 1 : 0))) });
    }
  }
  return { names, columns: result };
}

function cellOf(item: Item, column: string): string {
  const cell = item.covariates?.[column]?.trim();
  if (cell === undefined) {
    throw new VoxplainError(
      "not-found",
      `there is no covariate ${column} for ${nameOf(item)}: no such column`,
    );
  }
  if (cell === "" || cell.toLowerCase() === "n/a") {
    throw new VoxplainError(
      "mismatch",
      `the covariate ${column} of ${nameOf(item)} is ${cell === "" ? "empty" : cell}. Fill it in, or leave the participant out`,
    );
  }
  return cell;
}

function centred(values: readonly number[]): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Float64Array.from(values, (value) => value - mean);
}
