import { imageEnding } from "@voxplain/caps-io";
import { downloads } from "@voxplain/core/web";
import { button, element } from "../element.ts";
import type { Explanation } from "../engine/engine.ts";
import { outputOf } from "./prediction-text.ts";

/** What can be made of the map that is shown. */
export interface Encoders {
  nifti(explanation: Explanation): Promise<Uint8Array>;
  npy(explanation: Explanation): Promise<Uint8Array>;
  png(): Promise<Uint8Array>;
  report(): Promise<Uint8Array>;
}

const files = [
  { kind: "nifti", label: "NIfTI", ending: ".nii.gz" },
  { kind: "npy", label: "NumPy", ending: ".npy" },
  { kind: "png", label: "PNG", ending: ".png" },
  { kind: "report", label: "HTML report", ending: ".html" },
] as const;

/** One button for each kind of file. */
export function downloadButtons(
  encoders: Encoders,
  shown: () => Explanation | undefined,
  act: (job: () => Promise<void>) => void,
): HTMLElement {
  const sink = downloads();
  const save = async (kind: keyof Encoders, ending: string) => {
    const explanation = shown();
    if (explanation === undefined) return;
    await sink.write(`${fileName(explanation)}${ending}`, await encoders[kind](explanation));
  };
  return element(
    "div",
    { class: "downloads", role: "group", "aria-label": "Download the map" },
    element("span", { class: "group-label" }, "Download"),
    ...files.map(({ kind, label, ending }) =>
      button(label, () => act(() => save(kind, ending)), { class: "quiet", title: `Download as ${ending}` }),
    ),
  );
}

/** "sub-01_ses-M00_gradients_class-1": letters that every system takes. */
function fileName({ image, request, prediction }: Explanation): string {
  const name = image.name.slice(0, image.name.length - (imageEnding(image.name)?.length ?? 0));
  const target = outputOf(prediction) === undefined ? `_class-${request.target}` : "";
  return `${name}_${request.method}${target}`.replaceAll(/[^\w.-]+/g, "_");
}
