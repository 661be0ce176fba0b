import { element } from "../element.ts";
import type { ExplorerImage, ImagePrediction } from "../engine/engine.ts";
import { outputOf, outputText, percent } from "./prediction-text.ts";

export interface SessionList {
  readonly node: HTMLElement;
  /** Narrows the list to a diagnosis, or to what is part of names. */
  readonly filter: HTMLElement;
  /** The images that the filter leaves. */
  readonly listed: readonly ExplorerImage[];
  readonly selected: ExplorerImage | undefined;
  /** The predicted class, where it is known. */
  predictionOf(image: ExplorerImage): number | undefined;
  setImages(images: readonly ExplorerImage[]): void;
  /** Lists only the images with this label; "" are those without one, undefined all. */
  setLabel(label: string | undefined): void;
  setPrediction(image: ExplorerImage, prediction: ImagePrediction, classes: readonly string[]): void;
  /** Removes predictions of another network. */
  forgetPredictions(): void;
  /** Calls `listener` with the number of listed images, whenever that changes. */
  onListed(listener: (count: number) => void): void;
}

/** More rows than anyone looks at; the filter finds the rest. */
const mostRows = 300;

/** The images as one group of radio buttons: arrow keys go through it. */
export function sessionList(): SessionList {
  let images: readonly ExplorerImage[] = [];
  let listed: readonly ExplorerImage[] = [];
  let selected: ExplorerImage | undefined;
  let label: string | undefined;
  let reportCount: (count: number) => void = () => {};
  const predictions = new Map<string, { readonly nodes: Node[]; readonly predictedClass: number }>();
  const cells = new Map<string, HTMLElement>();
  const filter = element("input", {
    type: "search",
    class: "filter",
    placeholder: "Filter",
    "aria-label": "Filter the images",
    title: "A diagnosis, or part of a participant or session",
  });
  // For the eye only: screen readers read the words with each row.
  const head = element(
    "div",
    { class: "row-head", "aria-hidden": true },
    ...["Image", "Label", "Predicted"].map((title) => element("span", {}, title)),
  );
  const rows = element("div", { class: "rows", role: "radiogroup", "aria-label": "Images" });
  const more = element("p", { class: "hint" });

  const row = (image: ExplorerImage) => {
    const radio = element("input", {
      type: "radio",
      name: "image",
      value: image.id,
      checked: image.id === selected?.id,
    });
    radio.addEventListener("change", () => {
      selected = image;
    });
    const cell = element("span", { class: "prediction" }, ...(predictions.get(image.id)?.nodes ?? []));
    cells.set(image.id, cell);
    const name = element("span", { class: "name" }, image.name);
    const truth = element("span", { class: "truth" }, image.trueClass ?? "");
    return element("label", { class: "session" }, radio, name, truth, cell);
  };
  const show = () => {
    const labelled =
      label === undefined ? images : images.filter(({ trueClass = "" }) => trueClass === label);
    listed = matching(labelled, filter.value);
    cells.clear();
    head.hidden = listed.length === 0;
    rows.replaceChildren(...listed.slice(0, mostRows).map(row));
    filter.hidden = images.length < 2;
    more.textContent =
      images.length === 0
        ? "No images yet."
        : listed.length === 0
          ? "No image has this diagnosis, participant or session."
          : listed.length > mostRows
            ? `${listed.length - mostRows} more: filter to see them.`
            : "";
    more.hidden = more.textContent === "";
    reportCount(listed.length);
  };
  filter.addEventListener("input", show);
  show();

  return {
    node: element("div", { class: "stack" }, element("div", {}, head, rows), more),
    filter,
    get listed() {
      return listed;
    },
    get selected() {
      return selected;
    },
    predictionOf: ({ id }) => predictions.get(id)?.predictedClass,
    setImages(given) {
      images = given;
      if (!given.some(({ id }) => id === selected?.id)) selected = given[0];
      show();
    },
    setLabel(given) {
      label = given;
      show();
    },
    setPrediction(image, prediction, classes) {
      const nodes = predictionNodes(image, prediction, classes);
      predictions.set(image.id, { nodes, predictedClass: prediction.predictedClass });
      cells.get(image.id)?.replaceChildren(...nodes);
    },
    forgetPredictions() {
      predictions.clear();
      for (const cell of cells.values()) cell.replaceChildren();
    },
    onListed(listener) {
      reportCount = listener;
      reportCount(listed.length);
    },
  };
}

/** A diagnosis means that diagnosis: "AD" is part of every participant of ADNI. */
export function matching(images: readonly ExplorerImage[], filter: string): readonly ExplorerImage[] {
  const wanted = filter.trim().toLowerCase();
  if (images.some(({ trueClass }) => trueClass?.toLowerCase() === wanted)) {
    return images.filter(({ trueClass }) => trueClass?.toLowerCase() === wanted);
  }
  return images.filter(({ name }) => name.toLowerCase().includes(wanted));
}

function predictionNodes(
  { trueClass, trueNode }: ExplorerImage,
  prediction: ImagePrediction,
  classes: readonly string[],
): Node[] {
  const output = outputOf(prediction);
  if (output !== undefined) {
    const label = trueClass === undefined ? "" : `; the label is ${trueClass}`;
    return [element("span", { title: `Predicted: ${output}${label}` }, outputText(output))];
  }
  const { probabilities, predictedClass } = prediction;
  const nameOf = (index: number) => classes[index] ?? `class ${index}`;
  const probability = probabilities[predictedClass] ?? 0;
  const isWrong = trueNode !== undefined && trueNode !== predictedClass;
  const all = probabilities.map((value, index) => `${nameOf(index)} ${percent(value)}`).join(", ");
  const text = element(
    "span",
    { title: `Predicted: ${all}${isWrong ? `; the label is ${trueClass}` : ""}` },
    `${nameOf(predictedClass)} ${percent(probability)}`,
  );
  if (isWrong) text.append(element("span", { class: "wrong" }, " ≠"));
  const bar = element("span", { class: "share", "aria-hidden": true });
  bar.style.setProperty("--share", String(probability));
  return [text, bar];
}
