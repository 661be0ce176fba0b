import { isVoxplainError, nearestVoxel, type Point, pointAt, VoxplainError } from "@voxplain/core";
import { webRuntime } from "@voxplain/runtime-web";
import { element } from "../element.ts";
import { createEngine } from "../engine/create-engine.ts";
import type { ExplorerEngine, JobOptions } from "../engine/engine.ts";
import { drawnExplanation } from "../page/drawn-explanation.ts";
import { type MapPanel, mapPanel } from "../page/map-panel.ts";
import { sentenceFrom, sentenceOf } from "../page/sentences.ts";
import { strongestVoxel, valueAt } from "../viewer/geometry.ts";
import { colourLimits } from "../viewer/intensity-range.ts";
import { displayAttributes, displayOf, type EmbeddedJob, jobAttributes, jobOf } from "./attributes.ts";
import { fileAtUrl, folderAtUrl } from "./open-urls.ts";
import { embedStyle } from "./style.ts";
import type { VoxplainMap, VoxplainMapEvents, VoxplainMapResult } from "./types.ts";

/** ONNX Runtime's files are beside this script, wherever that is. */
const here = import.meta.url;

let style: CSSStyleSheet | undefined;

/** `<voxplain-map model="network.onnx" image="scan.nii.gz" method="grad-cam">`: a map of an image, computed in the page that has it. */
class VoxplainMapElement extends HTMLElement implements VoxplainMap {
  static readonly observedAttributes = [...jobAttributes, ...displayAttributes];

  result: VoxplainMapResult | undefined;

  #engine = newEngine();
  #panel = this.#newPanel();
  readonly #room = element("div", { class: "embedded" });
  readonly #status = element("span", { role: "status" });
  readonly #progress = element("progress", { max: 1, "aria-label": "Progress" });
  readonly #state = element("p", { class: "state", hidden: true }, this.#status, this.#progress);
  readonly #problem = element("p", { class: "problem", role: "alert", hidden: true });
  #running: AbortController | undefined;
  #isAsked = false;
  /** Attributes have changed since the last map, or there is none. */
  #isStale = true;
  #opened: Pick<EmbeddedJob, "model" | "image" | "template"> | undefined;

  constructor() {
    super();
    style ??= embedStyle();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style];
    this.#room.append(this.#state, this.#problem, this.#panel.node);
    root.append(this.#room);
  }

  connectedCallback(): void {
    if (this.#isStale) this.#ask();
  }

  disconnectedCallback(): void {
    // An element that is moved is in the page again by then, and keeps its map.
    queueMicrotask(() => {
      if (!this.isConnected) this.#free();
    });
  }

  attributeChangedCallback(name: string): void {
    const isOfJob = (jobAttributes as readonly string[]).includes(name);
    if (!this.isConnected) this.#isStale = true;
    else if (isOfJob) this.#ask();
    else this.#redraw();
  }

  #newPanel(): MapPanel {
    const panel = mapPanel("Map", {
      onMove: (place) => this.#moveTo(place, false),
      onKey: (place) => {
        this.#moveTo(place, true);
        panel.moveTo(place);
      },
      onTurn() {},
    });
    panel.node.hidden = true;
    return panel;
  }

  /** Gives back the memory of the network, its files, the map and the drawing. */
  #free(): void {
    this.#running?.abort();
    void this.#engine.release();
    this.#panel.close();
    this.#panel.node.remove();
    this.#engine = newEngine();
    this.#panel = this.#newPanel();
    this.#room.append(this.#panel.node);
    [this.result, this.#opened, this.#isStale] = [undefined, undefined, true];
  }

  /** Attributes that change together are one job. */
  #ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    queueMicrotask(() => {
      this.#isAsked = false;
      if (this.isConnected) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#isStale = false;
    this.#problem.hidden = true;
    const panel = this.#panel;
    try {
      const job = jobOf(this);
      const display = displayOf(this);
      if (job === undefined) return;
      this.#state.hidden = false;
      const onProgress: NonNullable<JobOptions["onProgress"]> = ({ step, fraction }) => {
        this.#status.textContent = step;
        if (fraction === undefined) this.#progress.removeAttribute("value");
        else this.#progress.value = fraction;
        this.#emit("voxplain-progress", { step, fraction });
      };
      const options = { signal: running.signal, onProgress };
      await this.#open(job, options);
      const explanation = await explained(this.#engine, job, options);
      const { model } = this.#engine;
      if (model === undefined || running.signal.aborted) return;
      const drawn = drawnExplanation(explanation, { ...model, classes: named(model.classes, job.classes) });
      panel.node.hidden = false;
      await panel.show(drawn, display, colourLimits([drawn], display.end)[0] ?? 1);
      if (running.signal.aborted) return;
      const { map, prediction, request, isPlaced, warnings } = explanation;
      this.result = {
        ...{ map: map.data, shape: map.shape, affine: map.affine, isPlaced, warnings },
        ...{ target: request.target, predictedClass: prediction.predictedClass },
        probabilities: prediction.probabilities,
      };
      this.#moveTo(pointAt(strongestVoxel(drawn.map), drawn.map.affine), false);
      this.#emit("voxplain-result", this.result);
    } catch (error) {
      if (!running.signal.aborted) this.#fail(error);
    } finally {
      if (this.#running === running) this.#state.hidden = true;
    }
  }

  /** The files of the job, where others are open. */
  async #open(
    { model, image, template }: EmbeddedJob,
    { signal, onProgress }: Required<JobOptions>,
  ): Promise<void> {
    const before = this.#opened;
    if (before?.model === model && before.image === image && before.template === template) return;
    this.#opened = undefined;
    onProgress({ step: "loading the model and the image", fraction: undefined, secondsLeft: undefined });
    const page = this.ownerDocument;
    const ofModel = model.endsWith("/") ? folderAtUrl : fileAtUrl;
    const files = await Promise.all([ofModel(model, page, signal), fileAtUrl(image, page, signal)]);
    await this.#engine.release();
    this.#engine = newEngine();
    for (const source of files) {
      const { problems } = await this.#engine.open(source, { signal });
      if (problems.length > 0) throw new VoxplainError("invalid-file", problems.join(". "));
    }
    if (template !== undefined) {
      const source = await fileAtUrl(template, page, signal);
      await this.#engine.setTemplate(source, source.name);
    }
    this.#opened = { model, image, template };
  }

  #redraw(): void {
    const { drawn } = this.#panel;
    if (drawn === undefined) return;
    try {
      const display = displayOf(this);
      this.#panel.setLimit(colourLimits([drawn], display.end)[0] ?? 1, display);
    } catch (error) {
      this.#fail(error);
    }
  }

  #moveTo(place: Point, aloud: boolean): void {
    const { drawn } = this.#panel;
    if (drawn === undefined) return;
    this.#panel.readAt(place, undefined, aloud);
    const voxel = nearestVoxel(drawn.map, place);
    const millimetres = pointAt(voxel, drawn.map.affine);
    this.#emit("voxplain-move", { voxel, millimetres, value: valueAt(drawn.map, voxel) });
  }

  #fail(error: unknown): void {
    const message = sentenceFrom(sentenceOf(error));
    this.#problem.textContent = message;
    this.#problem.hidden = false;
    this.#emit("voxplain-error", { message });
    // What is no sentence for a user is one for a developer.
    if (!isVoxplainError(error)) reportError(error);
  }

  #emit<K extends keyof VoxplainMapEvents>(type: K, detail: VoxplainMapEvents[K]): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

function newEngine(): ExplorerEngine {
  return createEngine(() =>
    webRuntime({ executionProvider: "wasm", assets: new URL("onnxruntime/", here).href }),
  );
}

/** Names that were given, where there are some. */
function named(classes: readonly string[], given: readonly string[]): readonly string[] {
  return given.length === 0 ? classes : classes.map((name, index) => given[index] ?? name);
}

async function explained(engine: ExplorerEngine, job: EmbeddedJob, options: Required<JobOptions>) {
  const [image] = engine.images;
  const { model } = engine;
  if (model === undefined || image === undefined) {
    throw new VoxplainError("not-found", "there is no model or no image in the files that were loaded");
  }
  const { preprocess, method } = job;
  const network = job.network === undefined ? undefined : networkOf(model.networks, job.network);
  const request = { network, preprocess, method, options: job.options };
  const predicted = async () => (await engine.predict(image, request, options)).predictedClass;
  const target =
    model.task === "regression"
      ? 0
      : job.target === undefined || job.target === "predicted"
        ? await predicted()
        : classOf(named(model.classes, job.classes), job.target);
  return engine.explain(image, { ...request, target }, options);
}

function classOf(classes: readonly string[], target: string): number {
  const index = /^\d+$/.test(target) ? Number(target) : classes.indexOf(target);
  if (index >= 0) return index;
  throw new VoxplainError("invalid-argument", 'the attribute "target" names no class', {
    expected: classes.join(", "),
    found: `"${target}"`,
  });
}

function networkOf(networks: NonNullable<ExplorerEngine["model"]>["networks"], name: string) {
  const [fold, selection] = name.split("/");
  const found = networks.find((one) => one.foldName === fold && one.selection === selection);
  if (found !== undefined) return found;
  throw new VoxplainError("not-found", 'the attribute "network" names no network of the model', {
    expected: networks.map((one) => `${one.foldName}/${one.selection}`).join(", "),
    found: `"${name}"`,
  });
}

if (customElements.get("voxplain-map") === undefined)
  customElements.define("voxplain-map", VoxplainMapElement);
