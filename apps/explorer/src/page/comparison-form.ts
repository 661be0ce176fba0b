import { element, field, nextId, select, setChoices } from "../element.ts";
import type { ExplainedCohort } from "../engine/engine.ts";
import {
  type ChosenComparison,
  type ComparisonOption,
  type ComparisonOptionName,
  comparisonOptions,
} from "./comparison-options.ts";

export interface ComparisonForm {
  readonly node: HTMLElement;
  readonly chosen: ChosenComparison;
  /** A column, and two of its values; B is undefined where A is compared with 0. */
  readonly groups: { readonly groupBy: string; readonly a: string; readonly b: string | undefined };
  /** Whether the maps of A are compared with the earlier maps of the same sessions. */
  readonly isPaired: boolean;
  /** A mask of the brain. */
  readonly mask: File | undefined;
  /** @param earlier - What other maps of the same sessions are called, where there are some. */
  setCohort(cohort: ExplainedCohort, earlier: string | undefined): void;
}

/** These are shown; the others are behind "More options". */
const first: readonly string[] = ["normalize", "fwhm", "permutations", "tail", "seed"];

/** Which groups are compared, and how. */
export function comparisonForm(): ComparisonForm {
  let cohort: ExplainedCohort | undefined;
  const column = select([]);
  const values = element("datalist", { id: nextId() });
  const groupField = (label: string, hint: string) => {
    const input = element("input", { type: "text", list: values.id, autocomplete: "off", title: hint });
    return { input, node: field(label, input) };
  };
  const a = groupField("Group A", "A value of the column, or of numbers a range: <70, >=70");
  const b = groupField("Group B", "The same; or 0: is the mean of A different from zero?");
  const pairs = select([]);
  const pairsField = field("Compare A with", pairs);
  const isPaired = () => pairs.value === "earlier";
  pairs.addEventListener("change", () => {
    b.node.hidden = isPaired();
  });
  const mask = element("input", { type: "file", accept: ".nii,.gz,.mgz,.mgh" });
  const controls = Object.entries(comparisonOptions).map(([name, option]) => ({
    name: name as ComparisonOptionName,
    ...optionControl(name, option),
  }));
  const shown = (isFirst: boolean) =>
    controls.filter(({ name }) => first.includes(name) === isFirst).map(({ node }) => node);
  const offer = () => {
    const groups = cohort?.groups.find((one) => one.column === column.value)?.groups ?? [];
    values.replaceChildren(
      ...groups.map(({ value, count }) => element("option", { value }, `${value} (${count})`)),
      element("option", { value: "0" }, "0: is the mean of A different from zero?"),
    );
    a.input.value = groups[0]?.value ?? "";
    b.input.value = groups[1]?.value ?? "0";
  };
  column.addEventListener("change", offer);
  return {
    node: element(
      "div",
      { class: "stack" },
      element(
        "div",
        { class: "fields" },
        field("Groups of column", column),
        pairsField,
        a.node,
        b.node,
        values,
      ),
      element(
        "div",
        { class: "fields" },
        ...shown(true),
        field("mask", mask, element("p", { class: "hint" }, "Voxels that are not 0 count.")),
      ),
      element(
        "details",
        {},
        element("summary", {}, "More options"),
        element("div", { class: "fields" }, ...shown(false)),
      ),
    ),
    get chosen() {
      return Object.fromEntries(controls.map(({ name, read }) => [name, read()])) as Record<
        ComparisonOptionName,
        string
      >;
    },
    get groups() {
      const other = b.input.value.trim();
      const isAlone = other === "0" || isPaired();
      return { groupBy: column.value, a: a.input.value.trim(), b: isAlone ? undefined : other };
    },
    get isPaired() {
      return isPaired();
    },
    get mask() {
      return mask.files?.[0];
    },
    setCohort(given, earlier) {
      cohort = given;
      setChoices(pairs, [
        { value: "group", label: "Another group" },
        ...(earlier === undefined ? [] : [{ value: "earlier", label: `The same sessions: ${earlier}` }]),
      ]);
      pairsField.hidden = earlier === undefined;
      b.node.hidden = isPaired();
      const { positive } = given;
      const before = column.value;
      setChoices(
        column,
        given.groups.map(({ column: value }) => ({
          value,
          label: value === "outcome" && positive !== undefined ? `outcome (positive: ${positive})` : value,
        })),
      );
      if (column.value !== before || a.input.value === "") offer();
    },
  };
}

function optionControl(
  name: string,
  { choices, default: initial, doc, least, placeholder }: ComparisonOption,
) {
  const control =
    choices !== undefined
      ? select(
          choices.map((value) => ({ value, label: value })),
          String(initial),
        )
      : typeof initial === "boolean"
        ? element("input", { type: "checkbox", checked: initial })
        : typeof initial === "number"
          ? element("input", { type: "number", step: "any", value: initial, min: least })
          : element("input", { type: "text", value: initial, placeholder });
  const hint = element(
    "p",
    { class: "hint", id: nextId() },
    `${doc.replace(/^[a-z]/, (letter) => letter.toUpperCase())}.`,
  );
  control.setAttribute("aria-describedby", hint.id);
  return {
    node: field(name, control, hint),
    read() {
      const isBox = control instanceof HTMLInputElement && control.type === "checkbox";
      return isBox ? String(control.checked) : control.value.trim();
    },
  };
}
