import { button, element, field, select, setChoices } from "../element.ts";
import {
  type KeepableMap,
  type PackedResult,
  type ParkedResult,
  packedResult,
  parkedResult,
} from "./parked-result.ts";
import type { Result } from "./shown-map.ts";

export interface Results {
  readonly node: HTMLElement;
  /** The map that is shown, and the one beside it. */
  shown(): Promise<readonly Result[]>;
  /** Frees the memory of those that are not shown, one after the other. */
  parkOthers(): Promise<void>;
  /** The map that is shown from now on; `onShow` is not called. @returns how many older maps were removed. */
  add(result: Result): number;
  /** Puts maps of an earlier visit into the list, by their keys; the last is shown from now on. `onShow` is not called. */
  restore(maps: ReadonlyMap<string, PackedResult>): void;
  /** Chooses the latest map with this label; `onShow` is not called. @returns whether there is one. */
  select(label: string): boolean;
  /** Removes all; `onShow` is not called. */
  clear(): void;
}

interface Entry {
  readonly id: string;
  readonly label: string;
  readonly bytes: number;
  held: Result | ParkedResult;
}

/** The oldest maps go when there are more than these, or more bytes. */
const most = 12;
const mostBytes = 2 ** 29;

/**
 * The maps that were computed; one is shown, and another beside it for comparison.
 * @param onList - Called when a map came or went, with all of them by their keys.
 */
export function results(
  onShow: () => void,
  onList: (maps: ReadonlyMap<string, KeepableMap>) => void,
): Results {
  let entries: Entry[] = [];
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
    onList(new Map(entries.map((entry) => [entry.id, keepable(entry)])));
  };
  const discard = () => {
    entries = entries.filter(({ id }) => id !== first.value);
    list();
    onShow();
  };
  for (const control of [first, second]) control.addEventListener("change", onShow);
  const find = async (id: string): Promise<readonly Result[]> => {
    const entry = entries.find((one) => one.id === id);
    if (entry === undefined) return [];
    const result = "restore" in entry.held ? await entry.held.restore() : entry.held;
    entry.held = result;
    return [result];
  };

  return {
    node,
    shown: async () => (await Promise.all([first.value, second.value].map(find))).flat(),
    async parkOthers() {
      const isShown = ({ id }: Entry) => [first.value, second.value].includes(id);
      for (const entry of entries) {
        const { held } = entry;
        if (isShown(entry) || "restore" in held) continue;
        const packed = await packedResult(held);
        // It may have been chosen meanwhile.
        if (!isShown(entry)) entry.held = parkedResult(packed);
      }
    },
    add(result) {
      count++;
      const id = String(count);
      const label = `${count}. ${result.drawn.label}`;
      const all = [...entries, { held: result, bytes: bytesOf(result), label, id }];
      entries = latest(all);
      list();
      first.value = id;
      return all.length - entries.length;
    },
    restore(maps) {
      entries = [...maps].map(([id, packed]) => {
        const blobs = new Set(packed.places.map(({ blob }) => blob));
        const bytes = [...blobs].reduce((sum, { size }) => sum + size, 0);
        const label = `${Number(id)}. ${packed.empty.drawn.label}`;
        return { id, label, bytes, held: parkedResult(packed) };
      });
      const { id = "0" } = entries.at(-1) ?? {};
      count = Number(id);
      list();
      first.value = id;
    },
    select(label) {
      const found = entries.findLast((entry) => entry.label === `${entry.id}. ${label}`);
      if (found !== undefined) first.value = found.id;
      return found !== undefined;
    },
    clear() {
      entries = [];
      list();
    },
  };
}

/** Two stay, however large they are: one to compare with. */
function latest(entries: readonly Entry[]): Entry[] {
  let sum = 0;
  const first = entries.findLastIndex(({ bytes }, index) => {
    sum += bytes;
    const kept = entries.length - index;
    return kept > 2 && (kept > most || sum > mostBytes);
  });
  return entries.slice(first + 1);
}

function bytesOf({ drawn, explained }: Result): number {
  const stored = explained?.explanation.stored;
  const arrays = [drawn.map.data, drawn.anatomy.data, ...(stored ? [stored.data] : [])];
  const buffers = new Set(arrays.map(({ buffer }) => buffer));
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function keepable(entry: Entry): KeepableMap {
  const packed = "restore" in entry.held ? entry.held.packed.empty : entry.held;
  return {
    isComputed: packed.explained !== undefined,
    pack: async () => ("restore" in entry.held ? entry.held.packed : packedResult(entry.held)),
  };
}
