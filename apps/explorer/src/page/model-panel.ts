import { element, field, select, setChoices } from "../element.ts";
import type { ExplorerModel, NetworkChoice, PredictionRequest } from "../engine/engine.ts";
import { networkText } from "./prediction-text.ts";
import { preprocessingForm } from "./preprocessing-form.ts";
import { regionField } from "./region-field.ts";
import { recall, remember } from "./remembered.ts";

export interface ModelPanel {
  readonly node: HTMLElement;
  readonly network: NetworkChoice | undefined;
  /** Which network, and what it gets. */
  readonly prediction: PredictionRequest;
  readonly target: number | "predicted";
  setModel(model: ExplorerModel | undefined): void;
}

/**
 * What is known of the model, which of its networks is used, what it gets, and the class that is explained.
 * @param onNetwork - Predictions so far are of another network, or of other inputs.
 * @param onClasses - The user names the classes of a model that has no names for them.
 */
export function modelPanel(onNetwork: () => void, onClasses: (names: readonly string[]) => void): ModelPanel {
  let model: ExplorerModel | undefined;
  const name = element("p", { class: "model-name" }, "No model yet.");
  const facts = element("dl", { class: "facts" });
  const details = element("details", { hidden: true }, element("summary", {}, "About this model"), facts);
  const network = select([]);
  const networkField = field("Network", network);
  networkField.hidden = true;
  network.addEventListener("change", onNetwork);
  const preprocessing = preprocessingForm(onNetwork);
  const voting = select([
    { value: "validation", label: "By the validation set" },
    { value: "uniform", label: "Uniform" },
  ]);
  voting.addEventListener("change", onNetwork);
  const votingField = field("Voting of parts", voting);
  votingField.hidden = true;
  const region = regionField(onNetwork);
  const names = element("input", {
    type: "text",
    placeholder: "CN, AD",
    title: "In the order of the outputs, with commas between",
  });
  const namesField = field("Names of the classes", names);
  namesField.hidden = true;
  names.addEventListener("change", () => {
    if (model !== undefined) remember(namesKey(model), names.value);
    onClasses(namesIn(names.value));
  });
  const chosenNetwork = () => model?.networks[Number(network.value)];
  const target = select([{ value: "predicted", label: "Predicted class" }]);
  target.id = "target";
  const targetField = field("Class", target);

  return {
    node: element(
      "div",
      { class: "stack" },
      ...[name, details, networkField, votingField, preprocessing.node, namesField, targetField, region.node],
    ),
    get network() {
      return chosenNetwork();
    },
    get prediction() {
      // Its options are the two.
      const votes = voting.value as "validation" | "uniform";
      return {
        ...{ network: chosenNetwork(), preprocess: preprocessing.steps, voting: votes },
        region: region.region,
      };
    },
    get target() {
      if (model?.task === "regression") return 0;
      return target.value === "predicted" ? "predicted" : Number(target.value);
    },
    setModel(given) {
      const isNew = given?.name !== model?.name;
      const isOther = isNew || given?.classes.length !== model?.classes.length;
      model = given;
      namesField.hidden = given?.kind !== "onnx" || given.task === "regression";
      if (isNew && !namesField.hidden && given !== undefined) {
        names.value = recall(namesKey(given)) ?? "";
        if (names.value !== "") return onClasses(namesIn(names.value));
      }
      name.textContent = given?.name ?? "No model yet.";
      const { facts: rows = [], networks: choices = [], classes: labels = [] } = given ?? {};
      details.hidden = rows.length === 0;
      facts.replaceChildren(
        ...rows.flatMap(({ label, value }) => [element("dt", {}, label), element("dd", {}, value)]),
      );
      const networks = choices.map((choice, index) => ({
        value: String(index),
        label: networkText({ ...choice, selection: choice.selection.replace(/^best_/, "") }).replace(
          /^./,
          (first) => first.toUpperCase(),
        ),
      }));
      setChoices(network, networks, isOther ? "0" : network.value);
      networkField.hidden = networks.length === 0;
      votingField.hidden = given?.hasParts !== true;
      targetField.hidden = given?.task === "regression";
      preprocessing.setModel(given);
      region.setModel(given);
      const classes = labels.map((label, index) => ({ value: String(index), label }));
      setChoices(
        target,
        [{ value: "predicted", label: "Predicted class" }, ...classes],
        isOther ? "predicted" : target.value,
      );
    },
  };
}

function namesKey({ name }: ExplorerModel): string {
  return `voxplain-classes:${name}`;
}

function namesIn(text: string): readonly string[] {
  return text.split(",").map((name) => name.trim());
}
