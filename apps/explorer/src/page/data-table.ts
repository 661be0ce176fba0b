import { button, element } from "../element.ts";
import { numberText } from "../viewer/legend.ts";

type Value = string | number | boolean | null | undefined;

/** A row of a table, by the names of its columns. */
export type DataRow = Readonly<Record<string, Value>>;

export interface DataTable {
  readonly node: HTMLElement;
  setRows(columns: readonly string[], rows: readonly DataRow[]): void;
}

/** Coordinates are shown in one cell: where the peak is. */
const coordinates = ["peak_x", "peak_y", "peak_z"] as const;

/**
 * A table that is sorted by a click on a column, and whose peaks move the crosshair.
 * @param label - What it is a table of.
 */
export function dataTable(
  label: string,
  onPeak: (place: readonly [number, number, number]) => void,
): DataTable {
  let columns: readonly string[] = [];
  let rows: readonly DataRow[] = [];
  let sorted: { readonly column: string; readonly down: boolean } | undefined;
  const head = element("tr");
  const body = element("tbody");
  const table = element("table", {}, element("thead", {}, head), body);
  const node = element(
    "div",
    { class: "data-table", tabindex: 0, role: "region", "aria-label": label },
    table,
  );

  const sortBy = (column: string) => {
    // Numbers begin with the largest, which is looked for; names with A.
    const first = typeof rows.find((row) => row[column] != null)?.[column] === "number";
    sorted = { column, down: sorted?.column === column ? !sorted.down : first };
    show();
  };
  const show = () => {
    const shown = columns.filter((column) => !coordinates.slice(1).includes(column as "peak_y"));
    head.replaceChildren(
      ...shown.map((column) => {
        const isSorted = sorted?.column === column;
        const direction = isSorted ? (sorted?.down ? "descending" : "ascending") : "none";
        const title = column === "peak_x" ? "peak at" : column.replaceAll("_", " ");
        const heading = button(title, () => sortBy(column), { class: "sort" });
        const isNumber = column !== "peak_x" && rows.some((row) => typeof row[column] === "number");
        const look = isNumber ? "number" : undefined;
        return element("th", { scope: "col", "aria-sort": direction, class: look }, heading);
      }),
    );
    body.replaceChildren(...ordered(rows, sorted).map((row) => element("tr", {}, ...shown.map(cellIn(row)))));
  };
  const cellIn = (row: DataRow) => (column: string) => {
    const value = row[column];
    if (column === "peak_x") return element("td", {}, ...peakIn(row));
    if (typeof value === "number") return element("td", { class: "number" }, numberText4(value));
    return element("td", {}, value == null ? "n/a" : String(value));
  };
  const peakIn = (row: DataRow): readonly Node[] => {
    const [x, y, z] = coordinates.map((column) => row[column]);
    if (typeof x !== "number" || typeof y !== "number" || typeof z !== "number") return [];
    const at = [x, y, z].map((value) => value.toFixed(1).replace("-", "−")).join("  ");
    const name = `Crosshair to the peak of ${row.name ?? `cluster ${row.cluster}`}`;
    return [button(at, () => onPeak([x, y, z]), { class: "quiet peak", "aria-label": `${name}: ${at}` })];
  };
  return {
    node,
    setRows(givenColumns, givenRows) {
      [columns, rows] = [givenColumns, givenRows];
      if (sorted !== undefined && !columns.includes(sorted.column)) sorted = undefined;
      show();
    },
  };
}

/** What is not available comes last, whatever the direction. */
function ordered(
  rows: readonly DataRow[],
  sorted: { readonly column: string; readonly down: boolean } | undefined,
): readonly DataRow[] {
  if (sorted === undefined) return rows;
  const { column, down } = sorted;
  return rows.toSorted(({ [column]: a }, { [column]: b }) => {
    if (a == null || b == null) return Number(a == null) - Number(b == null);
    const order =
      typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en");
    return down ? -order : order;
  });
}

function numberText4(value: number): string {
  return Number.isInteger(value) ? String(value).replace("-", "−") : numberText(value);
}
