import { readTemplate } from "@voxplain/caps-io";
import { type FileSource, isVoxplainError, type ModelRuntime, nextTask, VoxplainError } from "@voxplain/core";
import {
  type Model,
  type PredictedImage,
  predictionTable,
  type SessionPrediction,
  sessionPrediction,
} from "@voxplain/study";
import { encodeTable } from "@voxplain/writers";
import { encodeExplanation } from "./encode.ts";
import type {
  Explanation,
  ExplanationRequest,
  ExplorerEngine,
  ExplorerImage,
  ExplorerModel,
  JobOptions,
  Opened,
  PredictionRequest,
} from "./engine.ts";
import { checkMean, type Explained, explainEntry, explanationOf, predictImage } from "./explain.ts";
import { keptMaps } from "./explained-cohort.ts";
import { explainedValue } from "./explained-value.ts";
import { meanSum } from "./group-mean.ts";
import type { JobContext } from "./job-context.ts";
import { jobQueue } from "./job-queue.ts";
import { listImages } from "./list-images.ts";
import { pageSlot } from "./network-slot.ts";
import { gridOf, numberedClasses } from "./onnx-model.ts";
import { openFiles } from "./open-files.ts";
import { noModel, type OpenedModel } from "./opened-model.ts";
import { pageMethods } from "./page-methods.ts";
import { type JobProgress, jobProgress } from "./progress.ts";
import { sharedAnatomy } from "./shared-anatomy.ts";
import { spatialLayers } from "./spatial-layers.ts";
import { emptyWorkspace, type ImageEntry, type Workspace } from "./workspace.ts";

/**
 * The engine of the page. It does one job at a time, in the order in which they are asked.
 * @param makeRuntime - Called for each network that is opened, so that the device can be changed in between.
 */
export function createEngine(makeRuntime: () => ModelRuntime): ExplorerEngine {
  const queue = jobQueue();
  let atWork: JobProgress | undefined;
  let workspace = emptyWorkspace(0);
  /** What is known of a model once it was opened for an image. */
  let learned: Pick<ExplorerModel, "layers" | "classes" | "outputGrid"> | undefined;
  let classNames: readonly string[] = [];
  /** What was said last of each image, by its id. */
  const predicted = new Map<string, SessionPrediction>();
  const noted = ({ id }: ExplorerImage, image: PredictedImage, { region }: PredictionRequest) => {
    const explained = explainedValue(region);
    const value = explained === undefined ? {} : { explained };
    predicted.set(id, { ...sessionPrediction(image), ...value });
    return image.prediction;
  };
  const anatomies = sharedAnatomy();
  const slot = pageSlot(makeRuntime, {
    onOpening: () => atWork?.opening(),
    onOpen({ network, model }) {
      // One value says nothing of classes: those that are known stay.
      const output =
        network.decision === "value"
          ? { classes: learned?.classes ?? [], outputGrid: learned?.outputGrid }
          : { classes: numberedClasses(network.classCount), outputGrid: gridOf(network) };
      learned = { layers: spatialLayers(model), ...output };
    },
  });

  const job = <T>(
    images: readonly ExplorerImage[],
    options: JobOptions | undefined,
    work: (context: JobContext, entries: readonly ImageEntry[]) => Promise<T>,
  ): Promise<T> =>
    queue.run(async () => {
      const progress = jobProgress(options ?? {});
      atWork = progress;
      try {
        const { opened } = workspace;
        if (opened === undefined) throw noModel();
        const entries = images.map((image) => entryOf(workspace, image));
        const result = await work({ workspace, opened, entries, slot, progress }, entries);
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

  const explainOne = (
    image: ExplorerImage,
    request: ExplanationRequest,
    options: JobOptions | undefined,
    keep?: (explained: Explained, explanation: Explanation, opened: OpenedModel) => Promise<void>,
  ) =>
    job([image], options, async (context, [entry]) => {
      const started = performance.now();
      const explained = await explainEntry(context, request);
      if (entry === undefined) throw gone(image);
      noted(image, explained.image, request);
      const seconds = (performance.now() - started) / 1000;
      // A large image takes a while in each of these: in between, the page answers its user.
      await nextTask();
      const made = explanationOf(explained, request, entry, { seconds, kernelUses: slot.usesNow });
      await nextTask();
      const explanation = { ...made, anatomy: anatomies.of(made.anatomy) };
      explained.image.input.release?.();
      await keep?.(explained, explanation, context.opened);
      return explanation;
    });

  const describeModel = (): ExplorerModel | undefined => {
    const description = workspace.opened?.description;
    if (description === undefined) return undefined;
    const isLearned = description.classes.length === 0 && description.task === "classification";
    const numbered = isLearned ? (learned?.classes ?? []) : description.classes;
    const classes = numbered.map((name, index) => classNames[index] || name);
    const outputGrid = description.outputGrid ?? learned?.outputGrid;
    return { ...description, classes, outputGrid, layers: learned?.layers ?? [] };
  };
  const userWorkspace = () => (workspace.isSample ? emptyWorkspace(workspace.openings) : workspace);
  const enter = async (next: Workspace) => {
    const isNewModel = next.opened !== workspace.opened;
    workspace = next;
    if (!isNewModel) return;
    predicted.clear();
    anatomies.forget();
    [learned, classNames] = [undefined, []];
    await slot.release();
  };
  const openInto = async (before: Workspace, files: FileSource, options: JobOptions): Promise<Opened> => {
    const { next, ...found } = await openFiles(before, files, options);
    const known = new Set(before.images.map(({ image }) => describe(image)));
    await enter(next);
    const images = next.images.map(({ image }) => image).filter((image) => !known.has(describe(image)));
    const model = next.opened === before.opened ? undefined : describeModel();
    return { ...(model && { model }), images, ...found };
  };

  return {
    get model() {
      return describeModel();
    },
    nameClasses(names) {
      classNames = names;
    },
    get isSample() {
      return workspace.isSample;
    },
    get images() {
      return workspace.images.map(({ image }) => image);
    },
    get cohort() {
      const { labels, lists, bidsFilter } = workspace;
      return { ...labels, bidsFilter: lists.some(({ below }) => below === "") ? bidsFilter : undefined };
    },
    choose: (choice, options = {}) =>
      queue.run(async () => {
        const next = { ...workspace, ...choice };
        const listing = await listImages(next);
        await enter({ ...next, ...listing });
        return { images: [], problems: listing.problems, understood: [], others: [] };
      }, options.signal),
    get absent() {
      return workspace.absent;
    },
    get methods() {
      return pageMethods(workspace.atlas !== undefined);
    },
    open: (files, options = {}) => queue.run(() => openInto(userWorkspace(), files, options), options.signal),
    openSample: ({ cohort, template: { files, path }, atlas }, options = {}) =>
      queue.run(async () => {
        const template = await readTemplate(files, path);
        const empty = emptyWorkspace(workspace.openings);
        return openInto({ ...empty, template, atlas, isSample: true }, cohort, options);
      }, options.signal),
    setTemplate: (files, path) =>
      queue.run(async () => {
        const template = await readTemplate(files, path);
        await enter({ ...userWorkspace(), template });
      }),
    setAtlas: (atlas) => queue.run(() => enter({ ...userWorkspace(), atlas })),
    predict: (image, request, options) => job([image], options, (context) => predictImage(context, request)),
    explain: (image, request, options) => explainOne(image, request, options),
    explainCohort() {
      const kept = keptMaps();
      let model: Model | undefined;
      return {
        explain: (image, request, options) =>
          explainOne(image, request, options, async (explained, explanation, opened) => {
            model = await opened.model(request.preprocess);
            await kept.add(explained, explanation);
          }),
        finish: async () => model && kept.finish(model),
      };
    },
    async mean(images, request, options) {
      await job(images, options, (context) => checkMean(context, request));
      const sum = meanSum(request, () => slot.usesNow);
      return {
        get count() {
          return sum.count;
        },
        add: (image, ofImage) =>
          job([image], ofImage, async (context) => {
            const started = performance.now();
            const explained = await explainEntry(context, request);
            sum.add(explained, image.trueClass, (performance.now() - started) / 1000);
            return noted(image, explained.image, request);
          }),
        mean: sum.mean,
      };
    },
    encodePredictions: async (images) => {
      const wanted = new Set(images.map(({ id }) => id));
      const found = [...predicted].flatMap(([id, one]) => (wanted.has(id) ? one : []));
      if (found.length === 0) {
        throw new VoxplainError("not-found", "no image of the list was predicted or explained yet", {
          hint: "predict all",
        });
      }
      const { columns, rows } = predictionTable(found);
      return encodeTable(columns, rows);
    },
    encode: encodeExplanation,
    release: () => queue.run(() => slot.release()),
  };
}

function entryOf({ images }: Workspace, image: ExplorerImage): ImageEntry {
  const entry = images.find((one) => one.image.id === image.id);
  if (entry === undefined) throw gone(image);
  return entry;
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
