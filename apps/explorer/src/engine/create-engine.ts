import { isVoxplainError, type ModelRuntime, tensor, VoxplainError } from "@voxplain/core";
import { checkMean } from "./check-mean.ts";
import { encodeExplanation } from "./encode.ts";
import type { AtlasFiles, ExplorerEngine, ExplorerImage, ExplorerModel, JobOptions } from "./engine.ts";
import { explainImage, type JobContext, type OpenAtlas, predictImage } from "./explain.ts";
import { explanationMean } from "./group-mean.ts";
import { jobQueue } from "./job-queue.ts";
import { type NetworkSlot, networkSlot, type OpenNetwork } from "./network-slot.ts";
import { numberedClasses } from "./onnx-model.ts";
import { openFiles } from "./open-files.ts";
import { noModel, type OpenedState, startingState } from "./opened-state.ts";
import { pageMethods } from "./page-methods.ts";
import { type OpenTemplate, openTemplate, templateFor } from "./placement.ts";
import { type JobProgress, jobProgress } from "./progress.ts";
import { spatialLayers } from "./spatial-layers.ts";

/**
 * The engine of the page. It does one job at a time, in the order in which they are asked.
 * @param makeRuntime - Called for each network that is opened, so that the device can be changed in between.
 */
export function createEngine(makeRuntime: () => ModelRuntime): ExplorerEngine {
  const queue = jobQueue();
  let atWork: JobProgress | undefined;
  const slot: NetworkSlot = networkSlot(makeRuntime, () => atWork);
  const passes = new Map<string, number>();
  let state: OpenedState = startingState;
  let template: OpenTemplate | undefined;
  let atlas: OpenAtlas | undefined;
  let atlasCount = 0;
  /** What is known of a model once it was opened for an image. */
  let learned: { readonly layers: readonly string[]; readonly classes: readonly string[] } | undefined;

  const learn = ({ network, model }: OpenNetwork) => {
    learned = { layers: spatialLayers(model), classes: numberedClasses(network.classCount) };
  };

  const job = <T>(
    options: JobOptions | undefined,
    image: ExplorerImage,
    work: (context: JobContext) => Promise<T>,
  ): Promise<T> =>
    queue.run(async () => {
      const progress = jobProgress(options ?? {});
      atWork = progress;
      try {
        const { model, modelKey } = needModel(state);
        const entry = state.images.find((one) => one.image.id === image.id);
        if (entry === undefined) throw gone(image);
        const result = await work({
          ...{ model, modelKey, slot, onOpen: learn, entry, progress, passes },
          template: templateFor(image, template),
          others: state.images.filter((one) => one !== entry),
          atlas,
        });
        options?.signal?.throwIfAborted();
        progress.done();
        return result;
      } catch (error) {
        if (!options?.signal?.aborted && isOfNetwork(error)) await slot.release().catch(() => {});
        throw error;
      } finally {
        atWork = undefined;
      }
    }, options?.signal);

  const describeModel = (): ExplorerModel | undefined => {
    const description = state.opened?.model.description;
    if (description === undefined) return undefined;
    const classes = description.classes.length > 0 ? description.classes : (learned?.classes ?? []);
    return { ...description, classes, layers: learned?.layers ?? [] };
  };

  return {
    get model() {
      return describeModel();
    },
    get images() {
      return state.images.map(({ image }) => image);
    },
    get methods() {
      return pageMethods(atlas !== undefined);
    },
    open(files, options = {}) {
      return queue.run(async () => {
        const { next, problems } = await openFiles(state, files, options);
        const before = new Set(state.images.map(({ image }) => describe(image)));
        const isNewModel = next.opened !== state.opened;
        state = next;
        if (isNewModel) {
          learned = undefined;
          await slot.release();
        }
        const images = state.images.map(({ image }) => image).filter((image) => !before.has(describe(image)));
        const model = isNewModel ? describeModel() : undefined;
        return { ...(model && { model }), images, problems };
      }, options.signal);
    },
    async setTemplate(files, path, images) {
      template = await openTemplate(files, path, images);
    },
    setAtlas(opened: AtlasFiles | undefined) {
      const labels = opened && tensor("float32", opened.labels.shape, opened.labels.data);
      atlas = opened && labels && { ...opened, labels, key: `atlas ${++atlasCount}` };
    },
    predict: (image, network, options) => job(options, image, (context) => predictImage(context, network)),
    explain: (image, request, options) => job(options, image, (context) => explainImage(context, request)),
    checkMean: (images, options) =>
      queue.run(async () => {
        const ids = new Set(images.map(({ id }) => id));
        const entries = state.images.filter(({ image }) => ids.has(image.id));
        await checkMean(entries, template, options?.signal);
      }, options?.signal),
    mean: explanationMean,
    encode: encodeExplanation,
    release: () => queue.run(() => slot.release()),
  };
}

function needModel({ opened }: OpenedState) {
  if (opened !== undefined) return { model: opened.model, modelKey: opened.key };
  throw noModel();
}

function gone({ name }: ExplorerImage): VoxplainError {
  return new VoxplainError("not-found", `${name} is not among the images that are open`);
}

/** A network that broke down is not trusted with the next image; a wrong option or file says nothing of it. */
function isOfNetwork(error: unknown): boolean {
  if (!isVoxplainError(error)) return true;
  return ["computation-failed", "device-unavailable", "io-failure"].includes(error.code);
}

function describe({ id, trueClass }: ExplorerImage): string {
  return `${id} ${trueClass ?? ""}`;
}
