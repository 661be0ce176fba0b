import { defaultText, type MethodOption } from "@voxplain/saliency";
import { element, field, nextId, select } from "../element.ts";

export interface OptionField {
  readonly node: HTMLElement;
  /** The option as text; undefined where the default holds. */
  read(): string | undefined;
}

/** A control for an option, by its kind; undefined for kinds that are no text (images, labels, cohorts). */
export function optionField(
  name: string,
  option: MethodOption,
  methods: readonly string[],
  layers: string,
): OptionField | undefined {
  const control = controlOf(option, methods, layers);
  if (control === undefined) return undefined;
  const hint = element("p", { class: "hint", id: nextId() }, sentence(option.doc));
  control.setAttribute("aria-describedby", hint.id);
  const initial = defaultText(option) ?? "";
  return {
    node: field(labelOf(name), control, hint),
    read() {
      const isBox = control instanceof HTMLInputElement && control.type === "checkbox";
      const text = isBox ? String(control.checked) : control.value.trim();
      return text === "" || text === initial ? undefined : text;
    },
  };
}

function controlOf(
  option: MethodOption,
  methods: readonly string[],
  layers: string,
): HTMLInputElement | HTMLSelectElement | undefined {
  const initial = defaultText(option) ?? "";
  switch (option.kind) {
    case "choice":
      return select(
        (option.choices ?? []).map((value) => ({ value, label: value })),
        initial,
      );
    case "method":
      return select(
        methods.map((value) => ({ value, label: value })),
        initial,
      );
    case "boolean":
      return element("input", { type: "checkbox", checked: initial === "true" });
    case "integer":
      return element("input", { type: "number", step: 1, value: initial });
    case "number":
      return element("input", { type: "number", step: "any", value: initial });
    case "numbers":
      return element("input", {
        type: "text",
        inputmode: "decimal",
        value: initial,
        placeholder: "automatic",
      });
    case "layer":
      return element("input", {
        type: "text",
        value: initial,
        placeholder: "automatic",
        list: layers,
      });
    default:
      return undefined;
  }
}

/** A Greek letter at its beginning stays small: σ and Σ are two things. */
function sentence(text: string): string {
  return `${text.replace(/^[a-z]/, (first) => first.toUpperCase())}.`;
}

/** "baselineSigma" as "Baseline sigma". */
function labelOf(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.replace(/^./, (first) => first.toUpperCase());
}
