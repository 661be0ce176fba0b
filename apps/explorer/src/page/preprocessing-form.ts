import { choosePreprocessing, parsePreprocessing } from "@voxplain/caps-io";
import { element, field, hiddenLabel, select, setChoices } from "../element.ts";
import type { ExplorerModel } from "../engine/engine.ts";
import { sentenceFrom, sentenceOf } from "./sentences.ts";

export interface PreprocessingForm {
  readonly node: HTMLElement;
  /** As `--preprocess` takes them; undefined leaves it to the model. */
  readonly steps: readonly string[] | undefined;
  setModel(model: ExplorerModel | undefined): void;
}

/** What is done to the values of an image file before the network gets them, where the model leaves that open. */
export function preprocessingForm(onChange: () => void): PreprocessingForm {
  let stated: ExplorerModel["preprocessing"];
  let inputLengths: string | undefined;
  const choose = select([]);
  const typed = element("input", {
    type: "text",
    "aria-label": "Preprocessing steps",
    placeholder: "resize=96,96,96 z-score",
    title: "In their order, as voxplain explain --preprocess takes them",
  });
  const note = element("p", { class: "hint" });
  const add = select([{ value: "", label: "Add a step…" }, ...steps]);
  hiddenLabel("Add a preprocessing step", add);
  add.addEventListener("change", () => {
    const step = add.value === "resize" ? `resize=${inputLengths ?? "96,96,96"}` : add.value;
    typed.value = [typed.value.trim(), step].filter(Boolean).join(" ");
    add.value = "";
    typed.dispatchEvent(new Event("input", { bubbles: true }));
    typed.focus();
  });
  const node = field("Preprocessing", choose, typed, add, note);
  node.hidden = true;
  const stepsOf = () => {
    if (choose.value === "") return undefined;
    if (choose.value !== "steps") return [choose.value];
    const steps = typed.value.trim().split(/\s+/).filter(Boolean);
    return steps.length === 0 ? undefined : steps;
  };
  const show = () => {
    typed.hidden = choose.value !== "steps";
    add.hidden = typed.hidden;
    note.textContent = noteOn(stepsOf(), stated);
    note.hidden = note.textContent === "";
  };
  for (const control of [choose, typed]) {
    control.addEventListener("input", () => {
      show();
      onChange();
    });
  }
  return {
    node,
    get steps() {
      return node.hidden ? undefined : stepsOf();
    },
    setModel(model) {
      const isOther = model?.preprocessing !== stated;
      stated = model?.preprocessing;
      inputLengths = lengthsOf(model);
      node.hidden = stated === undefined;
      const automatic = stated?.steps === undefined ? "Not stated: stored values" : "As the model states";
      const choices = [
        { value: "", label: automatic },
        { value: "none", label: "None: stored values" },
        { value: "min-max", label: "Min-max, to 0–1" },
        { value: "z-score", label: "Z-score" },
        { value: "steps", label: "Other steps…" },
      ];
      setChoices(choose, choices, isOther ? "" : choose.value);
      show();
    },
  };
}

/** The steps of the command, those with numbers as they are most often. */
const steps = [
  { value: "min-max", label: "min-max: to 0–1" },
  { value: "z-score", label: "z-score: mean 0, standard deviation 1" },
  { value: "resize", label: "resize: to the lengths of the input" },
  { value: "scale=0.00392157", label: "scale: divide by 255" },
  { value: "mean=0.485,0.456,0.406", label: "mean: subtract, by channel (ImageNet)" },
  { value: "std=0.229,0.224,0.225", label: "std: divide, by channel (ImageNet)" },
  { value: "rgb", label: "rgb: three channels" },
  { value: "grey", label: "grey: one channel" },
];

/** Spatial lengths of the input, "96,112,96"; undefined where the model leaves them open. */
function lengthsOf(model: ExplorerModel | undefined): string | undefined {
  const shape = model?.facts
    .find(({ label }) => label === "Input")
    ?.value.split(" × ")
    .slice(1);
  return shape?.length && shape.every((length) => /^\d+$/.test(length)) ? shape.join(",") : undefined;
}

/** What the network gets, in a sentence. */
function noteOn(asked: readonly string[] | undefined, stated: ExplorerModel["preprocessing"]): string {
  if (stated === undefined) return "";
  const ofModel = stated.steps && { steps: parsePreprocessing(stated.steps), source: stated.source };
  try {
    const { note = "" } = choosePreprocessing(asked && parsePreprocessing(asked), ofModel);
    return sentenceFrom(note).replace(/^./, (first) => first.toUpperCase());
  } catch (error) {
    return sentenceOf(error);
  }
}
