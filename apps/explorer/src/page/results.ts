import type { Explanation } from "../engine/engine.ts";
import { button, element, field, select, setChoices } from "./element.ts";
import { labelOf } from "./method-form.ts";

export interface Results {
  readonly node: HTMLElement;
  readonly all: readonly Explanation[];
  /** The map that is shown, and the one beside it. */
  readonly shown: readonly Explanation[];
  /** The map that is shown from now on; `onShow` is not told. */
  add(explanation: Explanation, classes: readonly string[]): void;
}

/** Maps take memory: of more than these the oldest go. */
const most = 12;

/** The maps that were computed; one is shown, and another beside it for comparison. */
export function results(onShow: () => void): Results {
  let entries: { readonly explanation: Explanation; readonly label: string; readonly id: string }[] = [];
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
    if (!entries.some(({ id }) => id === second.value)) second.value = "";
  };
  const discard = () => {
    if (entries.length < 2) return;
    entries = entries.filter(({ id }) => id !== first.value);
    list();
    onShow();
  };
  for (const control of [first, second]) control.addEventListener("change", onShow);
  const find = (id: string) => entries.find((entry) => entry.id === id)?.explanation;

  return {
    node,
    get all() {
      return entries.map(({ explanation }) => explanation);
    },
    get shown() {
      return [find(first.value), find(second.value)].filter((found) => found !== undefined);
    },
    add(explanation, classes) {
      const { image, request } = explanation;
      count++;
      const id = String(count);
      const target = classes[request.target] ?? `class ${request.target}`;
      const changed = Object.entries(request.options).map(([name, value]) => `${name} ${value}`);
      const label = [`${count}. ${labelOf(request.method)}`, image.name, target, ...changed].join(" · ");
      entries = [...entries, { explanation, label, id }].slice(-most);
      list();
      first.value = id;
    },
  };
}
