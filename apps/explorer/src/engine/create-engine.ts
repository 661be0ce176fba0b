import { readTemplate } from "@voxplain/caps-io";
import { type FileSource, isVoxplainError, type ModelRuntime, tensor, VoxplainError } from "@voxplain/core";
import { checkMean } from "./check-mean.ts";
import { encodeExplanation } from "./encode.ts";
import type { AtlasFiles, ExplorerEngine, ExplorerImage, ExplorerModel, JobOptions } from "./engine.ts";
import { explainImage, type JobContext, predictImage } from "./explain.ts";
import { explanationMean } from "./group-mean.ts";
import { jobQueue } from "./job-queue.ts";
import { type NetworkSlot, networkSlot, type OpenNetwork } from "./network-slot.ts";
import { numberedClasses } from "./onnx-model.ts";
import { openFiles } from "./open-files.ts";
import { emptyWorkspace, noModel, type OpenedState, type Workspace } from "./opened-state.ts";
import { pageMethods } from "./page-methods.ts";
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
  let workspace = emptyWorkspace(0);
  let atlasCount = 0;
  /** What is known of a model once it was opened for an image. */
  let learned: Pick<ExplorerModel, "layers" | "classes" | "outputGrid"> | undefined;

  const learn = ({ network, model }: OpenNetwork) => {
    const { classCount, outputGrid } = network;
    learned = { layers: spatialLayers(model), classes: numberedClasses(classCount), outputGrid };
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
        const { state, template, atlas } = workspace;
        const { model, modelKey } = needModel(state);
        const entry = state.images.find((one) => one.image.id === image.id);
        if (entry === undefined) throw gone(image);
        const result = await work({
          ...{ model, modelKey, slot, onOpen: learn, entry, progress, passes },
          ...{ template, atlas, others: state.images.filter((one) => one !== entry) },
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
    const description = workspace.state.opened?.model.description;
    if (description === undefined) return undefined;
    const classes = description.classes.length > 0 ? description.classes : (learned?.classes ?? []);
    const outputGrid = description.outputGrid ?? learned?.outputGrid;
    return { ...description, classes, outputGrid, layers: learned?.layers ?? [] };
  };

  const userWorkspace = () => (workspace.isSample ? emptyWorkspace(workspace.state.openings) : workspace);
  const enter = async (next: Workspace) => {
    const isNewModel = next.state.opened !== workspace.state.opened;
    workspace = next;
    if (!isNewModel) return;
    learned = undefined;
    await slot.release();
  };
  const openInto = async (before: Workspace, files: FileSource, options: JobOptions) => {
    const { next, problems } = await openFiles(before.state, files, options);
    const known = new Set(before.state.images.map(({ image }) => describe(image)));
    const isNewModel = next.opened !== before.state.opened;
    await enter({ ...before, state: next });
    const images = next.images.map(({ image }) => image).filter((image) => !known.has(describe(image)));
    const model = isNewModel ? describeModel() : undefined;
    return { ...(model && { model }), images, problems };
  };
  const readAtlas = (opened: AtlasFiles) => {
    const labels = tensor("float32", opened.labels.shape, opened.labels.data);
    return { ...opened, labels, key: `atlas ${++atlasCount}` };
  };

  return {
    get model() {
      return describeModel();
    },
    get isSample() {
      return workspace.isSample;
    },
    get images() {
      return workspace.state.images.map(({ image }) => image);
    },
    get methods() {
      return pageMethods(workspace.atlas !== undefined);
    },
    open: (files, options = {}) => queue.run(() => openInto(userWorkspace(), files, options), options.signal),
    openSample: ({ cohort, template, atlas }, options = {}) =>
      queue.run(async () => {
        const place = await readTemplate(template.files, template.path);
        const empty = emptyWorkspace(workspace.state.openings);
        const sample = { ...empty, template: place, atlas: readAtlas(atlas), isSample: true };
        return openInto(sample, cohort, options);
      }, options.signal),
    setTemplate: (files, path) =>
      queue.run(async () => {
        const template = await readTemplate(files, path);
        await enter({ ...userWorkspace(), template });
      }),
    setAtlas: (opened) => queue.run(() => enter({ ...userWorkspace(), atlas: opened && readAtlas(opened) })),
    predict: (image, request, options) => job(options, image, (context) => predictImage(context, request)),
    explain: (image, request, options) => job(options, image, (context) => explainImage(context, request)),
    checkMean: (images, options) =>
      queue.run(async () => {
        const ids = new Set(images.map(({ id }) => id));
        const { state, template } = workspace;
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
