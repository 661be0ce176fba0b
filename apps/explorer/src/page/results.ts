import { button, element, field, select, setChoices } from "../element.ts";
import type { Explanation, ExplorerModel } from "../engine/engine.ts";
import type { Drawn } from "../viewer/drawn.ts";

/** A map that is shown. */
export interface Result {
  readonly drawn: Drawn;
  /** What it explains; undefined for what was found in many maps. */
  readonly explained: ExplainedMap | undefined;
  /** Its NIfTI, where it was made as a file. */
  readonly file?: Blob;
}

/** An explanation, and the model as it was when it was made. */
export interface ExplainedMap {
  readonly explanation: Explanation;
  readonly model: ExplorerModel;
  /** Of what computed it, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface Results {
  readonly node: HTMLElement;
  /** The map that is shown, and the one beside it. */
  readonly shown: readonly Result[];
  /** The map that is shown from now on; `onShow` is not called. @returns how many older maps were removed. */
  add(result: Result): number;
  /** Removes all; `onShow` is not called. */
  clear(): void;
}

/** Maps take memory: of more than these, or of more bytes, the oldest go. */
const most = 12;
const mostBytes = 2 ** 29;

/** The maps that were computed; one is shown, and another beside it for comparison. */
export function results(onShow: () => void): Results {
  let entries: { readonly result: Result; readonly label: string; readonly id: string }[] = [];
  let count = 0;
  const first = select([]);
  const second = select([{ value: "", label: "Nothing" }]);
  const remove = button("Remove", () => discard(), { class: "quiet", title: "Forget the map that is shown" });
  const node = element(
    "div",
    { class: "results" },
    field("Map", first),
    field("Compare with", second),
    remove,
  );
  const list = () => {
    const choices = entries.map(({ id, label }) => ({ value: id, label }));
    setChoices(first, choices);
    setChoices(second, [{ value: "", label: "Nothing" }, ...choices], second.value);
    remove.disabled = entries.length < 2;
    if (!entries.some(({ id }) => id === second.value)) second.value = "";
  };
  const discard = () => {
    entries = entries.filter(({ id }) => id !== first.value);
    list();
    onShow();
  };
  for (const control of [first, second]) control.addEventListener("change", onShow);
  const find = (id: string) => entries.find((entry) => entry.id === id)?.result;

  return {
    node,
    get shown() {
      return [find(first.value), find(second.value)].filter((found) => found !== undefined);
    },
    add(result) {
      count++;
      const id = String(count);
      const label = `${count}. ${result.drawn.label}`;
      const all = [...entries, { result, label, id }];
      entries = latest(all);
      list();
      first.value = id;
      return all.length - entries.length;
    },
    clear() {
      entries = [];
      list();
    },
  };
}

/** Two stay, however large they are: one to compare with. */
function latest<Entry extends { readonly result: Result }>(entries: readonly Entry[]): Entry[] {
  let bytes = 0;
  const first = entries.findLastIndex(({ result }, index) => {
    bytes += bytesOf(result);
    const kept = entries.length - index;
    return kept > 2 && (kept > most || bytes > mostBytes);
  });
  return entries.slice(first + 1);
}

function bytesOf({ drawn, explained }: Result): number {
  const stored = explained?.explanation.stored;
  const arrays = [drawn.map.data, drawn.anatomy.data, ...(stored ? [stored.data] : [])];
  const buffers = new Set(arrays.map(({ buffer }) => buffer));
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}
