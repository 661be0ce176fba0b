import { elementCount, type FilePath, isVoxplainError, VoxplainError } from "@voxplain/core";
import { openTensor } from "../volumes/read-tensor.ts";
import { regionRows } from "./cut.ts";
import type { ExtractedFiles } from "./extracted-files.ts";
import { type ExtractedPlan, planExtracted } from "./extracted-plan.ts";
import type { ImageInput } from "./image-input.ts";
import { type ImageGeometry, naming, notFinite, readGeometry, withoutNaN } from "./load-image.ts";
import type { CapsFiles } from "./located-image.ts";
import type { Part } from "./part.ts";
import { partAt } from "./read-from-image.ts";
import { type StoredPart, type TransformOptions, transformPart } from "./transform-part.ts";

/** Values of a session's parts that are kept after they were checked; others are read again. */
const mostKept = 2 ** 25;

/**
 * Reads a file per part. All of them are looked at before the first is given, so that a session is used
 * whole or not at all.
 */
export async function readExtracted(
  located: CapsFiles,
  extracted: ExtractedFiles,
  options: TransformOptions,
): Promise<ImageInput> {
  const { session, caps, settings, image } = located;
  const { geometry, plan } = await planned(located, extracted);
  const pathOf = (part: Part) => extracted.pathOf(part.id);
  const readOne = (part: Part) =>
    naming(located, pathOf(part), () => readPart(located, plan, part, pathOf(part)));
  checkSlices(located, options);

  const kept = new Map<number, StoredPart>();
  let size = 0;
  for (const part of plan.parts) {
    const stored = await readOne(part);
    size += stored.data.length;
    if (size <= mostKept) kept.set(part.index, stored);
  }
  return {
    session,
    source: caps,
    ...(image && { image }),
    files: plan.parts.map(pathOf),
    ...(plan.grid && { grid: plan.grid }),
    ...(geometry.affine && { affine: geometry.affine }),
    ...(geometry.affineError && { affineError: geometry.affineError }),
    parts: plan.parts,
    warnings: [...located.warnings, ...geometry.warnings, ...plan.warnings],
    async read(index) {
      const part = partAt(plan.parts, index);
      return transformPart(part, kept.get(index) ?? (await readOne(part)), settings, options);
    },
  };
}

/** A file for each part that there should be, in their order. */
export async function extractedFiles(
  located: CapsFiles,
  extracted: ExtractedFiles,
): Promise<readonly FilePath[]> {
  const { plan } = await planned(located, extracted);
  return plan.parts.map(({ id }) => extracted.pathOf(id));
}

async function planned(located: CapsFiles, extracted: ExtractedFiles) {
  const geometry = await geometryOf(located);
  const firstPath = extracted.pathOf(extracted.ids[0]);
  const plan = await naming(located, firstPath, async () => {
    const { dims } = await openTensor(located.caps, firstPath);
    return planExtracted(located, extracted.ids, dims, geometry.dims?.slice(1));
  });
  return { geometry, plan };
}

/** Slices that 0.2 extracted have been normalized: the raw ones that an unnormalized model has seen are lost. */
function checkSlices({ session, settings, images }: CapsFiles, { normalize }: TransformOptions): void {
  if (settings.mode !== "slice" || settings.extracted || normalize || images.generation === "1.x") return;
  throw new VoxplainError(
    "unsupported",
    `${session.name} has extracted slices only, which are normalized; ` +
      "the network was trained on slices of images, without normalization: the image is needed",
  );
}

/** The grid of the whole image, if there is one. Parts can be used without it. */
async function geometryOf(
  located: CapsFiles,
): Promise<Omit<ImageGeometry, "dims"> & { readonly dims?: readonly number[] }> {
  if (located.image === undefined) return { warnings: [] };
  try {
    return await readGeometry(located, located.image);
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return { warnings: [`${error.message}; only its extracted parts are used`] };
  }
}

async function readPart(
  { caps, images, settings, masks }: CapsFiles,
  { dimsOf }: ExtractedPlan,
  part: Part,
  path: FilePath,
): Promise<StoredPart> {
  const { dims, read } = await openTensor(caps, path);
  const expected = dimsOf(part);
  const channels = settings.mode === "slice" ? [1, 3] : [1];
  const fits = expected === undefined ? dims.length === 4 : dims.slice(1).join() === expected.join();
  if (!fits || !channels.includes(dims[0] ?? 0) || elementCount(dims) === 0) {
    const shape = [channels.join(" or "), ...(expected ?? ["X", "Y", "Z"])].join(", ");
    throw new VoxplainError(
      "invalid-file",
      `it holds a tensor of shape [${dims.join(", ")}]; [${shape}] is expected`,
    );
  }
  const data = oneChannel(await read(), dims);
  const mask = settings.mode === "roi" ? masks?.[part.index] : undefined;
  return {
    dims: [1, ...dims.slice(1)],
    ...(images.generation === "1.x" ? withoutNaN(data, images) : ofConstant(data, settings.mode === "slice")),
    owned: false,
    ...(mask && settings.mode === "roi" && { rows: regionRows(mask, settings.uncropped) }),
  };
}

/** The channels of a slice are copies of one plane. */
function oneChannel(data: Float32Array, dims: readonly number[]): Float32Array {
  if (dims[0] === 1) return data;
  const size = elementCount(dims.slice(1));
  for (let k = size; k < data.length; k++) {
    if (!Object.is(data[k], data[k % size])) {
      throw new VoxplainError(
        "unsupported",
        "its channels differ; they should be three times the same plane",
      );
    }
  }
  return data.subarray(0, size);
}

/** Extraction of 0.2 divides a constant slice by zero, which leaves nothing but NaN. */
function ofConstant(data: Float32Array, normalized: boolean) {
  const count = data.reduce((total, value) => total + (Number.isFinite(value) ? 0 : 1), 0);
  if (count === 0) return { data };
  if (!normalized || !data.every(Number.isNaN)) throw notFinite(count, data.length);
  return { data: new Float32Array(data.length), wasConstant: true };
}
