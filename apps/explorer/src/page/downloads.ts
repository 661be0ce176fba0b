import { downloads } from "@voxplain/core/web";
import { button, element } from "../element.ts";
import type { Result } from "./shown-map.ts";

/** What can be made of the map that is shown. */
export interface Encoders {
  nifti(result: Result): Promise<Uint8Array>;
  npy(result: Result): Promise<Uint8Array>;
  png(): Promise<Uint8Array>;
  svg(): Promise<Uint8Array>;
  report(): Promise<Uint8Array>;
}

const files = [
  { kind: "nifti", label: "NIfTI", ending: ".nii.gz" },
  { kind: "npy", label: "NumPy", ending: ".npy" },
  { kind: "png", label: "PNG", ending: ".png" },
  { kind: "svg", label: "SVG", ending: ".svg" },
  { kind: "report", label: "HTML report", ending: ".html" },
] as const;

/** One button for each kind of file, and one for the command line that makes them. */
export function downloadButtons(
  encoders: Encoders,
  copyCommand: () => Promise<void>,
  shown: () => Promise<Result | undefined>,
  act: (job: () => Promise<void>) => void,
): HTMLElement {
  const sink = downloads();
  const save = async (kind: keyof Encoders, ending: string) => {
    const result = await shown();
    if (result === undefined) return;
    await sink.write(`${result.drawn.fileName}${ending}`, await encoders[kind](result));
  };
  return element(
    "div",
    { class: "downloads", role: "group", "aria-label": "Save the map" },
    element("span", { class: "group-label" }, "Save"),
    ...files.map(({ kind, label, ending }) =>
      button(label, () => act(() => save(kind, ending)), { class: "quiet", title: `Download as ${ending}` }),
    ),
    button("Copy command", () => act(copyCommand), {
      class: "quiet",
      title: "The voxplain command that repeats this map, to the clipboard",
    }),
  );
}
