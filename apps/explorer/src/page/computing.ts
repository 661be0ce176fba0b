import type { ModelRuntime } from "@voxplain/core";
import { type WebRuntimeOptions, webDevices, webRuntime } from "@voxplain/runtime-web";
import { element, field, hiddenLabel, select } from "../element.ts";
import { recall, remember } from "./remembered.ts";

type Provider = WebRuntimeOptions["executionProvider"];

export interface Computing {
  readonly node: HTMLElement;
  makeRuntime(): ModelRuntime;
  /** Versions of what computes, by name. */
  versions(): Readonly<Record<string, string>>;
}

/** What computes: the processor, or the graphics card where the browser offers it. */
export function computing(page: Document, onChange: () => void): Computing {
  const choose = select([{ value: "wasm", label: "Processor" }]);
  const key = "voxplain-first-layers";
  const firstLayers = select(
    [
      { value: "kernels", label: "Voxplain's kernels (faster)" },
      { value: "runtime", label: "ONNX Runtime" },
    ],
    recall(key),
  );
  const note = element("p", { class: "hint" });
  const make = (executionProvider: Provider) =>
    webRuntime({
      executionProvider,
      assets: new URL("onnxruntime/", page.baseURI).href,
      kernels: firstLayers.value === "kernels",
    });
  const showHint = () => {
    // The graphics card has no kernels of ours.
    firstLayers.disabled = choose.value !== "wasm";
    const { threads, notes } = make(choose.value as Provider);
    note.textContent =
      notes[0] ?? (choose.value === "wasm" ? `WebAssembly, threads: ${threads}.` : "WebGPU.");
  };
  choose.addEventListener("change", () => {
    showHint();
    onChange();
  });
  firstLayers.addEventListener("change", () => {
    remember(key, firstLayers.value);
    onChange();
  });
  const layersField = field("First layers of 3D networks by", firstLayers);
  layersField.classList.add("long");
  showHint();
  void webDevices().then((devices) => {
    const card = devices.find(({ executionProvider }) => executionProvider === "webgpu");
    // One that the processor imitates is slower than the processor itself.
    if (!card?.usable || card.software) return;
    choose.append(element("option", { value: "webgpu" }, `Graphics card (${card.detail})`));
  });
  return {
    node: element("div", { class: "stack" }, hiddenLabel("Compute with", choose), note, layersField),
    // The options of the select are providers.
    makeRuntime: () => make(choose.value as Provider),
    versions() {
      const { version, threads, lowering } = make(choose.value as Provider);
      return {
        "ONNX Runtime": version,
        "Computed with": `${choose.value}, threads: ${threads}`,
        Kernels: lowering.kernels === true ? "on" : "off",
      };
    },
  };
}
