import { checkCompanion, type ImageGrid, type Template, voxelSizeOf } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import {
  type ChosenMethod,
  createMethod,
  type LabelVolume,
  methodEntries,
  type OptionKind,
  type Refinement,
  refinementWarning,
} from "@voxplain/saliency";
import { composeMap, sumOfChannels } from "./compose-map.ts";
import {
  type Computation,
  type ComputedPart,
  computeParts,
  forwardOnly,
  imagePrediction,
} from "./compute-parts.ts";
import type {
  AtlasFiles,
  Explanation,
  ExplanationRequest,
  ImagePrediction,
  PredictionRequest,
} from "./engine.ts";
import { sentencesAbout } from "./group-mean.ts";
import { type Placed, placeVoxels } from "./placement.ts";
import type { ImageEntry, PreparedImage } from "./prepared-image.ts";
import type { JobProgress } from "./progress.ts";

/** Regions for methods that take labels. */
export interface OpenAtlas extends Pick<AtlasFiles, "grid" | "warnings"> {
  readonly labels: LabelVolume;
  /** Changes with the atlas. */
  readonly key: string;
}

/** What is open, as far as a job needs it. */
export interface JobContext extends Pick<Computation, "model" | "modelKey" | "slot" | "onOpen"> {
  readonly entry: ImageEntry;
  /** Images to compare with. */
  readonly others: readonly ImageEntry[];
  readonly atlas: OpenAtlas | undefined;
  readonly template: Template | undefined;
  readonly progress: JobProgress;
  /** How many passes explanations took: the next of the same kind is no estimate. */
  readonly passes: Map<string, number>;
}

/** What the network says of an image. */
export async function predictImage(
  context: JobContext,
  request: PredictionRequest,
): Promise<ImagePrediction> {
  const { entry, progress } = context;
  const voting = await votingOf(context, request);
  const image = await prepare(context, request);
  progress.expect(image.parts.length);
  const method = { key: "", compute: forwardOnly };
  const computation = { ...context, request, method, target: 0 };
  const parts = await computeParts(entry.image.name, image, computation);
  return imagePrediction(parts, voting);
}

/** How the parts of an image vote; undefined of whole images. @throws VoxplainError where nothing says it. */
async function votingOf({ model }: JobContext, { network, voting }: PredictionRequest) {
  return voting === "uniform" && model.settings.mode !== "image" ? voting : model.voting(network);
}

/** The map of an image, over the image. */
export async function explainImage(context: JobContext, request: ExplanationRequest): Promise<Explanation> {
  const started = performance.now();
  const { entry, model, progress, template } = context;
  const { target } = request;
  const voting = await votingOf(context, request);
  const image = await prepare(context, request);
  const [first] = image.parts;
  const { affine: own, affineError } = image;
  const grid = {
    name: entry.image.name,
    shape: image.grid ?? first?.input.dims.slice(1) ?? [],
    ...(own && { affine: own }),
  };
  const placed = placeVoxels({ ...grid, ...(affineError && { affineError }) }, template);
  const notes = await checkCompanions(context, request, grid, placed);
  const chosen = await methodOf(
    context,
    request,
    image,
    voxelSizeOf(placed.isPlaced ? placed.affine : undefined, model.preprocessing),
  );
  const dims = first?.input.dims ?? [];
  const key = methodKey(context, request);
  const kind = `${key} ${dims.join("×")} ${image.parts.length}`;
  progress.expect(context.passes.get(kind) ?? chosen.passes(dims).most * image.parts.length);
  const parts = await computeParts(entry.image.name, image, {
    ...{ ...context, request, target },
    method: { key, compute: chosen.compute },
  });
  context.passes.set(kind, progress.count);
  const { stored, shape: mapShape, anatomy } = composeMap(entry.image.name, image, parts);
  const refinement = refinementOf(parts);
  const { affine, isPlaced, warnings } = placed;
  const mapWarnings = parts.flatMap((part) => part.warnings);
  return {
    image: entry.image,
    request,
    prediction: imagePrediction(parts, voting),
    map: { data: sumOfChannels(stored.data, mapShape), shape: mapShape, affine },
    anatomy: { data: anatomy, shape: mapShape, affine },
    isPlaced,
    stored,
    relativeDelta: relativeDelta(parts),
    seconds: (performance.now() - started) / 1000,
    ...(refinement && { refinement }),
    warnings: [
      ...new Set([
        ...[...image.warnings, ...warnings, ...notes],
        ...[...sentencesAbout(mapWarnings), ...unrefined(parts)],
      ]),
    ],
    mapWarnings,
  };
}

async function prepare(
  { entry, progress }: JobContext,
  { preprocess }: PredictionRequest,
): Promise<PreparedImage> {
  progress.reading(entry.image.name);
  const image = await entry.prepare(preprocess);
  progress.signal?.throwIfAborted();
  return image;
}

/** The page writes neither the cohort, which are the other images, nor the labels, which are those of the atlas. */
function methodOf(
  { entry, others, atlas, model }: JobContext,
  request: ExplanationRequest,
  image: PreparedImage,
  voxelSize: readonly number[] | undefined,
): Promise<ChosenMethod> {
  const { method } = request;
  const seesWhole = model.settings.mode === "image";
  const labels = seesWhole && usesAtlas(request) ? atlas?.labels : undefined;
  const texts = {
    ...Object.fromEntries(
      Object.entries(request.options).filter(([name, text]) => name !== "labels" && text.trim() !== ""),
    ),
    ...(usesCohort(request) && { references: "other images" }),
    ...(labels && { labels: "atlas" }),
  };
  return createMethod(method, texts, {
    ...(labels && { labels: async () => labels }),
    voxelSize: async () => (image.parts[0]?.input.dims.length === 4 ? voxelSize : undefined),
    async cohort() {
      if (!seesWhole) {
        throw new VoxplainError(
          "unsupported",
          `${method} compares with other images, which a model of parts cannot: each part would need its own`,
        );
      }
      if (others.length === 0) {
        throw new VoxplainError(
          "not-found",
          `${method} compares ${entry.image.name} with other images: open at least one more`,
        );
      }
      return {
        length: others.length,
        read: async (index) => (await others[index]!.prepare(request.preprocess)).parts[0]!.input,
      };
    },
  });
}

/** What a method was made of: the same key, the same method. */
function methodKey({ entry, others, atlas, template }: JobContext, request: ExplanationRequest): string {
  const { method, options } = request;
  const given = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  const cohort = usesCohort(request) ? [entry.image.id, ...others.map(({ image }) => image.id)] : [];
  return JSON.stringify([method, given, cohort, atlas?.key ?? "", template?.name]);
}

/** Whether the method compares with the other images. */
function usesCohort(request: ExplanationRequest): boolean {
  return takes(request, "cohort");
}

/** Whether the method takes the regions of the atlas. */
function usesAtlas(request: ExplanationRequest): boolean {
  return request.options.labels !== "grid" && takes(request, "labels");
}

function takes({ method, options }: ExplanationRequest, kind: OptionKind): boolean {
  return methodEntries(method, options).some((entry) => entry?.takes.has(kind));
}

/**
 * The atlas has to be at the position of the map, and the axes of images to compare with in the directions of the image's.
 * @throws VoxplainError `mismatch` with both affines.
 */
async function checkCompanions(
  { atlas, others }: JobContext,
  request: ExplanationRequest,
  image: ImageGrid,
  { affine, isPlaced }: Placed,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  if (atlas && usesAtlas(request)) {
    const { affine: _, ...unplaced } = image;
    const placed = isPlaced ? { ...unplaced, affine } : unplaced;
    const { grid, warnings: ofHeader } = atlas;
    warnings.push(...checkCompanion({ ...grid, needs: "position", warnings: ofHeader }, [placed]));
  }
  if (usesCohort(request)) {
    const found: string[] = [];
    for (const other of others) {
      found.push(...checkCompanion({ ...(await other.grid()), needs: "directions" }, [image]));
    }
    if (found[0] !== undefined)
      warnings.push(found.length > 1 ? `${found[0]} (and ${found.length - 1} more)` : found[0]);
  }
  return warnings;
}

/** Of whole images: the map of an image of parts is a mean, which promises no sum. */
function relativeDelta(parts: readonly ComputedPart[]): number | undefined {
  const [only] = parts;
  if (parts.length !== 1 || only?.delta === undefined) return undefined;
  const sum = only.map.data.reduce((total, value) => total + value, 0);
  return only.delta / (sum - only.delta);
}

/** All passes of an image's maps, where they were refined until a tolerance was reached. */
function refinementOf(parts: readonly ComputedPart[]): Refinement | undefined {
  const refined = parts.flatMap(({ refinement }) => refinement ?? []);
  if (refined.length === 0) return undefined;
  return {
    passes: refined.reduce((sum, { passes }) => sum + passes, 0),
    converged: refined.every(({ converged }) => converged),
  };
}

function unrefined(parts: readonly ComputedPart[]): string[] {
  const warning = refinementWarning(parts.map(({ refinement }) => refinement));
  return warning === undefined ? [] : [warning];
}
