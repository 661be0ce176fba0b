import { button, element, field, nextId, select } from "../element.ts";
import { type ColourMapName, colourMaps, type Display } from "../viewer/colour-maps.ts";

export interface DisplayControls {
  readonly node: HTMLElement;
  readonly display: Display;
}

/** How maps are drawn: one setting for all that are shown, so that they can be compared. */
export function displayControls(onChange: (display: Display) => void): DisplayControls {
  const threshold = slider(25, 95);
  const opacity = slider(85, 100);
  const colours = select(Object.entries(colourMaps).map(([value, { label }]) => ({ value, label })));
  const signs = select([
    { value: "signed", label: "Signed" },
    { value: "absolute", label: "Absolute" },
  ]);
  const read = (): Display => ({
    threshold: Number(threshold.value) / 100,
    opacity: Number(opacity.value) / 100,
    // The options of the select are the names.
    colours: colours.value as ColourMapName,
    absolute: signs.value === "absolute",
  });
  for (const control of [threshold, opacity, colours, signs]) {
    control.addEventListener("input", () => onChange(read()));
  }
  return {
    node: element(
      "div",
      { class: "display", role: "group", "aria-label": "How the map is drawn" },
      sliderField("Threshold", threshold),
      sliderField("Opacity", opacity),
      field("Colours", colours),
      field("Values", signs),
    ),
    get display() {
      return read();
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
