import { element, field, select, setChoices } from "../element.ts";
import type { CohortChoice, ExplorerImage } from "../engine/engine.ts";

export interface CohortForm {
  readonly node: HTMLElement;
  setCohort(choice: CohortChoice, images: readonly ExplorerImage[]): void;
}

export interface CohortFormEvents {
  /** The labels are those of another column, or other files of a BIDS folder are the images. */
  readonly onChoice: (choice: { readonly label?: string; readonly bidsFilter?: readonly string[] }) => void;
  /** Only the images with this label are listed: "" is none; undefined: all of them. */
  readonly onRows: (label: string | undefined) => void;
}

/** So many labels can be chosen from; a column of more is no column of classes, such as the age. */
const mostLabels = 20;

/** Which sessions of lists, tables and folders are listed, and what their labels are. */
export function cohortForm({ onChoice, onRows }: CohortFormEvents): CohortForm {
  const column = select([]);
  const rows = select([]);
  const filter = element("input", {
    type: "text",
    placeholder: "suffix=T1w space=MNI152NLin2009cSym",
    title:
      "Entities of the names of files, as voxplain interpret --bids_filter takes them; Enter applies them",
  });
  const columnField = field("Labels", column);
  const rowsField = field("Rows", rows);
  const filterField = field("BIDS filter", filter);
  const node = element("div", { class: "stack", hidden: true }, filterField, columnField, rowsField);
  let labels: readonly string[] = [];
  const chosen = () => (rows.value === "" ? undefined : labels[Number(rows.value)]);
  column.addEventListener("change", () => onChoice({ label: column.value }));
  rows.addEventListener("change", () => onRows(chosen()));
  filter.addEventListener("change", () => {
    onChoice({ bidsFilter: filter.value.trim().split(/\s+/).filter(Boolean) });
  });
  return {
    node,
    setCohort({ label, columns, bidsFilter }, images) {
      filterField.hidden = bidsFilter === undefined;
      if (bidsFilter !== undefined && document.activeElement !== filter) filter.value = bidsFilter.join(" ");
      setChoices(
        column,
        columns.map((value) => ({ value, label: value })),
        label,
      );
      columnField.hidden = columns.length < 2;
      const counts = new Map<string, number>();
      for (const { trueClass = "" } of images) counts.set(trueClass, (counts.get(trueClass) ?? 0) + 1);
      const before = chosen();
      labels = [...counts.keys()];
      const choices = labels.map((value, index) => ({
        value: String(index),
        label: `${value || "Without a label"} (${counts.get(value)})`,
      }));
      const kept = before === undefined ? -1 : labels.indexOf(before);
      setChoices(
        rows,
        [{ value: "", label: `All (${images.length})` }, ...choices],
        kept < 0 ? "" : String(kept),
      );
      rowsField.hidden = labels.length < 2 || labels.length > mostLabels;
      if (rowsField.hidden) rows.value = "";
      node.hidden = [filterField, columnField, rowsField].every(({ hidden }) => hidden);
      onRows(chosen());
    },
  };
}
