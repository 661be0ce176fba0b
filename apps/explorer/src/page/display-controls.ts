import { button, element, field, nextId, select } from "../element.ts";
import { type ColourMapName, colourMaps } from "../viewer/colour-maps.ts";
import { type Display, usualDisplay, usualView, type View } from "../viewer/display.ts";
import { recall, remember } from "./remembered.ts";

export interface DisplayControls {
  readonly node: HTMLElement;
  /** What is changed less often. */
  readonly more: HTMLElement;
  readonly display: Display;
  /** Where the colours end by themselves, for whoever wants to change it. */
  setAutomaticEnd(limit: number | undefined): void;
}

const views: Readonly<Record<View, string>> = {
  planes: "Planes and rendering",
  "planes-only": "Three planes",
  axial: "Axial slices",
  coronal: "Coronal slices",
  sagittal: "Sagittal slices",
  rendering: "Rendering",
};

/** How maps are drawn: one setting for all that are shown, so that they can be compared. */
export function displayControls(onChange: (display: Display) => void): DisplayControls {
  const view = select(
    Object.entries(views).map(([value, label]) => ({ value, label })),
    usualView(),
  );
  const threshold = slider(usualDisplay.threshold * 100, 95);
  const opacity = slider(usualDisplay.opacity * 100, 100);
  const colours = select(
    Object.entries(colourMaps).map(([value, { label }]) => ({ value, label })),
    recall("voxplain-colours"),
  );
  const weak = select([
    { value: "faded", label: "Faded" },
    { value: "hidden", label: "Hidden" },
  ]);
  const signs = select([
    { value: "signed", label: "Signed" },
    { value: "absolute", label: "Absolute" },
  ]);
  const end = element("input", {
    type: "number",
    min: 0,
    step: "any",
    title: "Empty: the 99.9th percentile of |map|",
  });
  const convention = select(
    [
      { value: "neurological", label: "Neurological (left is left)" },
      { value: "radiological", label: "Radiological (left is right)" },
    ],
    recall("voxplain-convention"),
  );
  const crosshair = select([
    { value: "on", label: "Shown" },
    { value: "off", label: "Hidden" },
  ]);
  const read = (): Display => ({
    // The options of the selects are the names.
    view: view.value as View,
    threshold: Number(threshold.value) / 100,
    fades: weak.value === "faded",
    opacity: Number(opacity.value) / 100,
    colours: colours.value as ColourMapName,
    absolute: signs.value === "absolute",
    end: Number(end.value) > 0 ? Number(end.value) : undefined,
    radiological: convention.value === "radiological",
    crosshair: crosshair.value === "on",
  });
  for (const control of [view, threshold, opacity, colours, weak, signs, end, convention, crosshair]) {
    control.addEventListener("input", () => onChange(read()));
  }
  colours.addEventListener("input", () => remember("voxplain-colours", colours.value));
  convention.addEventListener("input", () => remember("voxplain-convention", convention.value));
  return {
    node: element(
      "div",
      { class: "display-controls", role: "group", "aria-label": "How the map is drawn" },
      element(
        "div",
        { class: "display" },
        field("View", view),
        sliderField("Threshold", threshold),
        sliderField("Opacity", opacity),
        field("Colours", colours),
      ),
    ),
    more: element(
      "details",
      { class: "more-display" },
      element("summary", {}, "More display options"),
      element(
        "div",
        { class: "display" },
        field("Below the threshold", weak),
        field("Values", signs),
        field("Colours end at", end),
        field("Convention", convention),
        field("Crosshair", crosshair),
      ),
    ),
    get display() {
      return read();
    },
    setAutomaticEnd(limit) {
      end.placeholder = limit === undefined ? "automatic" : `automatic: ${limit}`;
    },
  };
}

function slider(value: number, max: number): HTMLInputElement {
  return element("input", { type: "range", min: 0, max, value, id: nextId() });
}

function sliderField(label: string, control: HTMLInputElement): HTMLElement {
  const output = element("output", { for: control.id }, `${control.value} %`);
  control.addEventListener("input", () => {
    output.value = `${control.value} %`;
  });
  const name = element("label", { for: control.id }, label, " ", output);
  return element("div", { class: "field" }, name, control);
}

/** A voxel that is typed in, for those who do not use the mouse. */
export function voxelFields(
  onVoxel: (voxel: readonly [number, number, number]) => void,
  onStrongest: () => void,
) {
  const inputs = ["i", "j", "k"].map((axis) =>
    element("input", { type: "number", min: 0, step: 1, value: 0, "aria-label": `Voxel index ${axis}` }),
  );
  const read = (axis: number) => Math.max(0, Math.round(Number(inputs[axis]!.value) || 0));
  for (const input of inputs) input.addEventListener("change", () => onVoxel([read(0), read(1), read(2)]));
  return {
    node: element(
      "div",
      { class: "voxel-fields", role: "group", "aria-label": "Crosshair" },
      element("span", { class: "group-label" }, "Voxel"),
      ...inputs,
      button("Strongest voxel", onStrongest, { class: "quiet" }),
    ),
    show(voxel: readonly number[], shape: readonly number[]) {
      for (const [axis, input] of inputs.entries()) {
        input.max = String(shape[axis]! - 1);
        if (document.activeElement !== input) input.value = String(voxel[axis]);
      }
    },
  };
}
