import type { MethodEntry } from "@voxplain/saliency";
import { element, hiddenLabel, select, setChoices } from "../element.ts";
import { optionField } from "./option-field.ts";

/** A method and the options that were changed, as text. */
export interface MethodChoice {
  readonly method: string;
  readonly options: Readonly<Record<string, string>>;
}

export interface MethodForm {
  readonly node: HTMLElement;
  readonly choice: MethodChoice;
  /** Other methods than before: some need an atlas. */
  setMethods(methods: Readonly<Record<string, MethodEntry>>): void;
  /** Layers of the model, of which class activation maps look at one. */
  setLayers(layers: readonly string[]): void;
}

function innerMethods(methods: Readonly<Record<string, MethodEntry>>): readonly string[] {
  return Object.entries(methods).flatMap(([name, entry]) => (entry.takes.has("method") ? [] : [name]));
}

/** A form made from the registry of methods: what it offers is what there is. */
export function methodForm(initial: Readonly<Record<string, MethodEntry>>): MethodForm {
  let methods = initial;
  const layerList = element("datalist", { id: "layers" });
  const choices = () => Object.values(methods).map(({ name, title }) => ({ value: name, label: title }));
  const choose = select(choices());
  choose.id = "method";
  const summary = element("p", { class: "hint" });
  const paper = element("p", { class: "hint source" });
  const options = element("div", { class: "options" });
  const details = element("details", {}, element("summary", {}, "Options"), options);
  let readers: readonly (readonly [string, () => string | undefined])[] = [];

  const show = () => {
    const entry = methods[choose.value];
    if (entry === undefined) return;
    summary.textContent = `${sentence(entry.summary)}.`;
    paper.textContent = entry.paper;
    const fields = Object.entries(entry.options).flatMap(([name, option]) => {
      const made = optionField(name, option, innerMethods(methods), layerList.id);
      return made === undefined ? [] : [{ name, ...made }];
    });
    readers = fields.map(({ name, read }) => [name, read]);
    options.replaceChildren(...fields.map(({ node }) => node));
    details.hidden = fields.length === 0;
  };
  choose.addEventListener("change", show);
  show();

  return {
    node: element(
      "div",
      { class: "stack" },
      hiddenLabel("Method to explain with", choose),
      summary,
      paper,
      details,
      layerList,
    ),
    get choice() {
      const given = readers.flatMap(([name, read]) => {
        const text = read();
        return text === undefined ? [] : [[name, text] as const];
      });
      return { method: choose.value, options: Object.fromEntries(given) };
    },
    setMethods(given) {
      const before = choose.value;
      methods = given;
      setChoices(choose, choices());
      if (choose.value !== before) show();
    },
    setLayers(layers) {
      layerList.replaceChildren(...layers.map((layer) => element("option", { value: layer })));
    },
  };
}

function sentence(text: string): string {
  return text.replace(/^./, (first) => first.toUpperCase());
}
