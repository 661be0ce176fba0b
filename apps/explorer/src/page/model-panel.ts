import type { ExplorerModel, NetworkChoice } from "../engine/engine.ts";
import { element, field, select, setChoices } from "./element.ts";

export interface ModelPanel {
  readonly node: HTMLElement;
  readonly network: NetworkChoice | undefined;
  readonly target: number | "predicted";
  setModel(model: ExplorerModel | undefined): void;
}

/** What is known of the model, which of its networks is used, and the class that is explained. */
export function modelPanel(onNetwork: () => void): ModelPanel {
  let model: ExplorerModel | undefined;
  const name = element("p", { class: "model-name" }, "No model yet.");
  const facts = element("dl", { class: "facts" });
  const details = element("details", { hidden: true }, element("summary", {}, "About this model"), facts);
  const network = select([]);
  const networkField = field("Network", network);
  networkField.hidden = true;
  network.addEventListener("change", onNetwork);
  const target = select([{ value: "predicted", label: "Predicted class" }]);
  target.id = "target";

  return {
    node: element("div", { class: "stack" }, name, details, networkField, field("Class", target)),
    get network() {
      return model?.networks[Number(network.value)];
    },
    get target() {
      return target.value === "predicted" ? "predicted" : Number(target.value);
    },
    setModel(given) {
      const isOther = given?.name !== model?.name || given?.classes.length !== model?.classes.length;
      model = given;
      name.textContent = given?.name ?? "No model yet.";
      const { facts: rows = [], networks: choices = [], classes: names = [] } = given ?? {};
      details.hidden = rows.length === 0;
      facts.replaceChildren(
        ...rows.flatMap(({ label, value }) => [element("dt", {}, label), element("dd", {}, value)]),
      );
      const networks = choices.map(({ fold, selection }, index) => ({
        value: String(index),
        label: `Fold ${fold}, ${selection.replace(/^best_/, "").replaceAll("_", " ")}`,
      }));
      setChoices(network, networks, isOther ? "0" : network.value);
      networkField.hidden = networks.length === 0;
      const classes = names.map((label, index) => ({ value: String(index), label }));
      setChoices(
        target,
        [{ value: "predicted", label: "Predicted class" }, ...classes],
        isOther ? "predicted" : target.value,
      );
    },
  };
}
