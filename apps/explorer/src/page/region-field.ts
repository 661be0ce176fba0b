import { type FileSource, VoxplainError } from "@voxplain/core";
import { pickedFiles } from "@voxplain/core/web";
import { element, field, select } from "../element.ts";
import type { ExplorerModel, TargetRegion } from "../engine/engine.ts";

export interface RegionField {
  readonly node: HTMLElement;
  /** Undefined for all voxels. @throws VoxplainError `invalid-argument` where the voxel or the mask is not given. */
  readonly region: TargetRegion | undefined;
  setModel(model: ExplorerModel | undefined): void;
}

/** For networks that give a class for each voxel: over which voxels the logit is averaged. */
export function regionField(onChange: () => void): RegionField {
  let mask: { readonly files: FileSource; readonly path: string } | undefined;
  const choose = select([
    { value: "all", label: "All voxels: their mean" },
    { value: "voxel", label: "One voxel…" },
    { value: "mask", label: "Voxels of a mask…" },
  ]);
  const voxel = element("input", { type: "text", "aria-label": "Voxel of the output", placeholder: "x,y,z" });
  const file = element("input", {
    type: "file",
    "aria-label": "Mask of the output",
    accept: ".nii,.gz,.mgz,.mgh",
  });
  file.addEventListener("change", () => {
    const [first] = file.files ?? [];
    mask = first && { files: pickedFiles([first]), path: first.name };
  });
  const show = () => {
    voxel.hidden = choose.value !== "voxel";
    file.hidden = choose.value !== "mask";
  };
  choose.addEventListener("input", show);
  for (const control of [choose, voxel, file]) control.addEventListener("change", onChange);
  show();
  const node = field("Explained voxels", choose, voxel, file);
  node.hidden = true;
  return {
    node,
    get region() {
      if (node.hidden || choose.value === "all") return undefined;
      if (choose.value === "voxel") return { voxel: indicesOf(voxel.value) };
      if (mask !== undefined) return { mask };
      throw new VoxplainError(
        "invalid-argument",
        "there is no mask yet: choose a NIfTI on the grid of the output",
      );
    },
    setModel(model) {
      node.hidden = model?.outputGrid === undefined;
    },
  };
}

function indicesOf(text: string): readonly number[] {
  const indices = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (indices.every(Number.isSafeInteger)) return indices;
  throw new VoxplainError("invalid-argument", "the explained voxel is not given", {
    expected: "whole numbers with commas, such as 40,52,45",
    found: `"${text}"`,
  });
}
