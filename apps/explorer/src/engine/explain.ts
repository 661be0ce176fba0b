import { minMaxInPlace, readMask } from "@voxplain/caps-io";
import { type MethodEntry, type MethodNeeds, methodEntries, type OptionKind } from "@voxplain/saliency";
import {
  cohortWarnings,
  type ExplainedImage,
  explainCohort,
  openCohort,
  type Plan,
  plan,
  predictCohort,
  type Request,
  type RunOptions,
  type Target,
  type TargetRegion,
} from "@voxplain/study";
import type {
  Explanation,
  ExplanationRequest,
  ImagePrediction,
  TargetRegion as PageRegion,
  PredictionRequest,
} from "./engine.ts";
import type { ExplainedSources } from "./explained-sources.ts";
import type { JobContext } from "./job-context.ts";
import { sourcesOf } from "./sources.ts";
import type { ImageEntry } from "./workspace.ts";

/** Small parts go through the network together; few enough that the progress moves. */
const batchSize = 4;

/**
 * What the network says of an image.
 * @param request - Of what explains the image next, where that is known: the session that it needs predicts, too.
 */
export async function predictImage(
  context: JobContext,
  request: PredictionRequest & Partial<ExplanationRequest>,
): Promise<ImagePrediction> {
  await context.slot.expect(request.method === undefined ? undefined : beginningOf(request.method));
  const job = await prepare(context, request, { result: "predictions", ...singleValue(request) });
  for await (const { prediction } of predictCohort(job, runOptions(context))) return prediction;
  throw new RangeError("an image is predicted, or fails");
}

/** The pass that a method begins with, whatever its options. */
function beginningOf(name: string): MethodNeeds | undefined {
  const [entry]: readonly [MethodEntry, ...unknown[]] = methodEntries(name);
  const isComplete = Object.values(entry.options).every(({ required }) => required !== true);
  return isComplete ? entry.create().begins : undefined;
}

/** An image with its map, and sentences about both. */
export interface Explained {
  readonly image: ExplainedImage;
  readonly warnings: readonly string[];
  readonly sources: ExplainedSources;
}

/** The map of an image. */
export async function explainEntry(context: JobContext, request: ExplanationRequest): Promise<Explained> {
  const { entries, slot } = context;
  const key = methodKey(context, request);
  const known = slot.methodOf(key);
  const method = known === undefined ? methodRequest(context, request) : { method: known.method };
  const wanted = { ...method, target: request.target, ...singleValue(request) };
  const job = await prepare(context, request, wanted);
  const [task] = job.tasks;
  const ofMethod = known?.warnings ?? (dependsOnImage(request) ? (task?.warnings ?? []) : []);
  await slot.expect((known?.method ?? task?.method)?.begins);
  if (task?.method !== undefined) slot.keepMethod({ key, method: task.method, warnings: ofMethod });
  for await (const image of explainCohort(job, runOptions(context))) {
    const ofMap = cohortWarnings();
    ofMap.add(image);
    const all = [...image.task.warnings, ...ofMethod, ...unknownPosition(image)];
    const sources = await sourcesOf(context, image.input, request, {
      atlas: usesAtlas(request) && !context.opened.description.hasParts,
      others: takes(request, "cohort"),
    });
    return { image, sources, warnings: [...new Set([...all, ...image.warnings, ...ofMap.sentences()])] };
  }
  throw new RangeError(`${entries[0]?.image.name} is explained, or fails`);
}

function unknownPosition({ affine, map, session }: ExplainedImage): readonly string[] {
  if (affine !== undefined || map.dims.length !== 4) return [];
  return [
    `the position of the voxels of ${session.name} is unknown: its map gets the identity as its affine`,
  ];
}

/** Whether a mean of images can be computed, from their headers. @throws VoxplainError naming those that do not fit. */
export async function checkMean(context: JobContext, request: ExplanationRequest): Promise<void> {
  const method = methodRequest(context, request);
  await prepare(context, request, {
    ...method,
    result: "mean",
    target: request.target,
    ...singleValue(request),
  });
}

/** What is drawn and downloaded of an image and its map. */
export function explanationOf(
  { image, warnings, sources }: Explained,
  request: ExplanationRequest,
  { image: shown }: ImageEntry,
  computed: Pick<Explanation, "seconds" | "kernelUses">,
): Explanation {
  const { map, volume, parts, prediction } = image;
  const mapWarnings = parts.flatMap((part) => part.warnings);
  const refined = parts.flatMap(({ refinement }) => refinement ?? []);
  return {
    ...{ image: shown, request, prediction, ...computed, warnings, mapWarnings, stored: map, sources },
    map: volume,
    anatomy: { ...volume, data: fromZeroToOne(image.anatomy) },
    isPlaced: image.affine !== undefined,
    relativeDelta: relativeDelta(image),
    ...(refined.length > 0 && {
      refinement: {
        passes: refined.reduce((sum, { passes }) => sum + passes, 0),
        converged: refined.every(({ converged }) => converged),
      },
    }),
  };
}

export function fromZeroToOne(values: Float32Array): Float32Array {
  const scaled = values.slice();
  minMaxInPlace(scaled);
  return scaled;
}

/** Only for whole images: the map of an image of parts is a mean, which promises no sum. */
function relativeDelta({ parts }: ExplainedImage): number | undefined {
  const [only] = parts;
  if (parts.length !== 1 || only?.delta === undefined) return undefined;
  const sum = only.map.data.reduce((total, value) => total + value, 0);
  return only.delta / (sum - only.delta);
}

/** Settles what is computed. @throws VoxplainError for whatever can be refused from headers. */
async function prepare(
  { workspace, opened, entries, progress }: JobContext,
  { network, preprocess, region, voting = "validation" }: PredictionRequest,
  wanted: Request,
): Promise<Plan> {
  progress.preparing(entries.map(({ image }) => image.name).join(", "));
  const model = await opened.model(preprocess);
  const cohort = await openCohort({
    collected: entries.map(({ collected }) => collected),
    references: workspace.images.flatMap((one) => (entries.includes(one) ? [] : one.collected)),
  });
  const { fold, selection } = network ?? opened.description.networks[0] ?? {};
  return plan(model, cohort, {
    region: await regionOf(region, (model.input.dims?.length ?? 4) - 1),
    // A class is predicted whatever the grid of the template, except over a mask, which has a position.
    ...((wanted.result !== "predictions" || region !== undefined) && { template: workspace.template }),
    ...(fold !== undefined && { folds: [fold] }),
    ...(selection !== undefined && { selections: [selection] }),
    ...{ voting, batchSize, readAhead: 0, unknownLabels: "warn", ...wanted },
  });
}

function runOptions({ slot, progress }: JobContext): RunOptions {
  return { runtime: slot, signal: progress.signal, progress: progress.at };
}

/** One value of the output takes the place of a class. */
function singleValue({ region }: PredictionRequest): { readonly target?: Target } {
  return region && "value" in region ? { target: { index: region.value } } : {};
}

/** @param axes - Spatial axes of the images. */
async function regionOf(region: PageRegion | undefined, axes: number): Promise<TargetRegion> {
  if (region === undefined || "value" in region) return "grid";
  if ("voxel" in region) return region;
  return { mask: await readMask(region.mask.files, region.mask.path, axes) };
}

/** The page writes neither the cohort, which are the other images, nor the labels, which are those of the atlas. */
function methodRequest(
  { workspace: { atlas }, opened }: JobContext,
  request: ExplanationRequest,
): Pick<Request, "method" | "options" | "openFile"> {
  const given = Object.entries(request.options).filter(
    ([name, text]) => name !== "labels" && text.trim() !== "",
  );
  const place = opened.description.hasParts || !usesAtlas(request) ? undefined : atlas?.place;
  return {
    method: request.method,
    options: {
      ...Object.fromEntries(given),
      ...(takes(request, "cohort") && { references: "other images" }),
      ...(place && { labels: "atlas" }),
    },
    ...(place && { openFile: () => place }),
  };
}

/** What a method was made of: the same key, the same method. */
function methodKey({ workspace, entries, opened }: JobContext, request: ExplanationRequest): string {
  const { method, options, preprocess } = request;
  const { template, atlas, images, openings } = workspace;
  const given = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  const own = entries.map(({ image }) => image.id);
  const ofImage = dependsOnImage(request) ? [own, images.length, openings, preprocess, template?.name] : [];
  const ofAtlas = usesAtlas(request) ? [atlas?.name] : [];
  return JSON.stringify([opened.description.name, method, given, ofImage, ofAtlas]);
}

function dependsOnImage(request: ExplanationRequest): boolean {
  return (["cohort", "labels", "voxel-size"] as const).some((kind) => takes(request, kind));
}

/** Whether the method takes the regions of the atlas. */
function usesAtlas(request: ExplanationRequest): boolean {
  return request.options.labels !== "grid" && takes(request, "labels");
}

function takes({ method, options }: ExplanationRequest, kind: OptionKind): boolean {
  return methodEntries(method, options).some((entry) => entry?.takes.has(kind));
}
