import { type FileSource, VoxplainError } from "@voxplain/core";
import { pickedFiles } from "@voxplain/core/web";
import { element, field, select, setChoices } from "../element.ts";
import type { ExplorerModel, TargetRegion } from "../engine/engine.ts";
import { sentenceFrom } from "./sentences.ts";

export interface RegionField {
  readonly node: HTMLElement;
  /** Undefined for all voxels. @throws VoxplainError `invalid-argument` where the voxel, the value or the mask is not given. */
  readonly region: TargetRegion | undefined;
  setModel(model: ExplorerModel | undefined): void;
}

const aClass = { value: "all", label: "The logit of a class" };
const allVoxels = { value: "all", label: "All voxels: their mean" };
const ofVoxels = [
  { value: "voxel", label: "One voxel…" },
  { value: "mask", label: "Voxels of a mask…" },
];
const oneValue = { value: "value", label: "One value of the output…" };

/** For networks that give more than a logit for each class: over which voxels the logit is averaged, or which value is explained. */
export function regionField(onChange: () => void): RegionField {
  let mask: { readonly files: FileSource; readonly path: string } | undefined;
  const choose = select([allVoxels]);
  const voxel = element("input", { type: "text", "aria-label": "Voxel of the output", placeholder: "x,y,z" });
  const value = element("input", { type: "text", "aria-label": "Value of the output", placeholder: "0,0" });
  const file = element("input", {
    type: "file",
    "aria-label": "Mask of the output",
    accept: ".nii,.gz,.mgz,.mgh",
  });
  const hint = element("p", { class: "hint" });
  file.addEventListener("change", () => {
    const [first] = file.files ?? [];
    mask = first && { files: pickedFiles([first]), path: first.name };
  });
  const show = () => {
    voxel.hidden = choose.value !== "voxel";
    value.hidden = choose.value !== "value";
    file.hidden = choose.value !== "mask";
  };
  choose.addEventListener("input", show);
  for (const control of [choose, voxel, value, file]) control.addEventListener("change", onChange);
  show();
  const node = field("Explained output", choose, voxel, value, file, hint);
  node.hidden = true;
  return {
    node,
    get region() {
      if (node.hidden || choose.value === "all") return undefined;
      if (choose.value === "voxel") return { voxel: indicesOf(voxel.value, "voxel", "40,52,45") };
      if (choose.value === "value") return { value: indicesOf(value.value, "value of the output", "0,0") };
      if (mask !== undefined) return { mask };
      throw new VoxplainError(
        "invalid-argument",
        "there is no mask yet: choose a NIfTI on the grid of the output",
      );
    },
    setModel(model) {
      const { scores } = model ?? {};
      const choices = choicesFor(model);
      node.hidden = choices.length === 0;
      setChoices(choose, choices);
      hint.textContent = scores === undefined ? "" : sentenceFrom(`${scores}.`);
      hint.hidden = scores === undefined;
      show();
    },
  };
}

function choicesFor(model: ExplorerModel | undefined) {
  if (model?.scores !== undefined) return [oneValue];
  if (model?.outputGrid !== undefined) return [allVoxels, ...ofVoxels, oneValue];
  // What a network gives for images of any size is known when it saw one.
  return model?.kind === "onnx" && model.classes.length === 0 ? [aClass, oneValue] : [];
}

function indicesOf(text: string, what: string, example: string): readonly number[] {
  const indices = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (indices.every(Number.isSafeInteger)) return indices;
  throw new VoxplainError("invalid-argument", `the explained ${what} is not given`, {
    expected: `whole numbers with commas, such as ${example}`,
    found: `"${text}"`,
  });
}
