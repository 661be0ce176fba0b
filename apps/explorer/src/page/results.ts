import { methodEntries } from "@voxplain/saliency";
import { button, element, field, select, setChoices } from "../element.ts";
import type { Explanation, ExplorerModel } from "../engine/engine.ts";

/** A map, and the model as it was when it was made. */
export interface Result {
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
      const { image, request } = result.explanation;
      count++;
      const id = String(count);
      const { classes, task } = result.model;
      const target =
        task === "regression" ? "output" : (classes[request.target] ?? `class ${request.target}`);
      const changed = Object.entries(request.options).map(([name, value]) => `${name} ${value}`);
      const label = [
        `${count}. ${methodEntries(request.method)[0].title}`,
        image.name,
        target,
        ...changed,
      ].join(" · ");
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
    bytes += bytesOf(result.explanation);
    const kept = entries.length - index;
    return kept > 2 && (kept > most || bytes > mostBytes);
  });
  return entries.slice(first + 1);
}

function bytesOf({ map, anatomy, stored }: Explanation): number {
  const buffers = new Set([map.data.buffer, anatomy.data.buffer, stored.data.buffer]);
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}
