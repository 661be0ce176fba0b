import { button, element } from "../element.ts";

export interface Welcome {
  readonly node: HTMLElement;
  /** What is open. */
  setOpen(open: OpenNow): void;
}

/** What of a map is there. */
export interface OpenNow {
  /** Whether the sample is open, and thus nothing else. */
  readonly isSample: boolean;
  readonly hasModel: boolean;
  readonly hasImages: boolean;
}

export interface WelcomeEvents {
  chooseFolder(): void;
  chooseFiles(): void;
}

/** What an empty desk says: what can be opened, and how. */
export function welcome({ chooseFolder, chooseFiles }: WelcomeEvents): Welcome {
  const sample = element(
    "p",
    {},
    "The sample is open: a small network that distinguishes simulated Alzheimer’s disease from controls, and four brains. " +
      "Choose Explain to see which voxels its answer depends on. Your own files take its place.",
  );
  const next = element("h2", {}, nextStep({ isSample: false, hasModel: false, hasImages: false }));
  const ready = element(
    "p",
    { hidden: true },
    "Choose an image, a method and a class at the side, then Explain. More files can be opened:",
  );
  const drop = element("p", {}, "Drop files, folders or a .zip anywhere on this page, or choose them:");
  const own = element(
    "div",
    { class: "welcome-own" },
    next,
    ready,
    drop,
    element(
      "p",
      { class: "tools" },
      button("Choose a folder…", chooseFolder, { class: "primary" }),
      button("Choose files…", chooseFiles),
    ),
    element(
      "dl",
      { class: "facts" },
      element("dt", {}, "Model"),
      element("dd", {}, "an .onnx file, or a ClinicaDL model folder (MAPS or 0.2)"),
      element("dt", {}, "Images"),
      element(
        "dd",
        {},
        "a CAPS or BIDS folder, a table with the files that it names, or single files " +
          "(.nii, .nii.gz, .mgz, .npy, .pt, .png, .jpg)",
      ),
    ),
    element("p", { class: "hint" }, "All is computed in this browser: nothing is uploaded."),
  );
  const note = element(
    "p",
    { class: "hint" },
    "For research. A map shows what moved the network, not where disease is.",
  );
  sample.hidden = true;
  return {
    node: element("div", { class: "welcome" }, sample, own, note),
    setOpen(open) {
      sample.hidden = !open.isSample;
      next.textContent = nextStep(open);
      ready.hidden = open.isSample || !open.hasModel || !open.hasImages;
      drop.hidden = !ready.hidden;
    },
  };
}

function nextStep({ isSample, hasModel, hasImages }: OpenNow): string {
  if (isSample || !hasModel) return hasImages && !isSample ? "Open a model" : "Open a model and images";
  return hasImages ? "Explain an image" : "Open images";
}
