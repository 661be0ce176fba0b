import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { bytesPerElement, elementCount, isVoxplainError, VoxplainError } from "@voxplain/core";
import { directory, ioFailure } from "@voxplain/core/node";
import {
  type Dim,
  encodeModel,
  foldConstants,
  type Graph,
  type Model,
  openOnnxFile,
  type ValueInfo,
  withFreeBatch,
} from "@voxplain/onnx-graph";
import { differentiateFor } from "@voxplain/saliency";
import { fileAt } from "@voxplain/study/node";

const largestSingle = 2 ** 30;

/** The options of `voxplain differentiate`, under the names they have on the command line. */
export interface DifferentiateArguments {
  readonly model: string;
  readonly output: string;
  /** The value that is differentiated; default: the first output. */
  readonly of?: string;
  /** Values whose gradients are wanted; default: the first input. */
  readonly with_respect_to?: readonly string[];
  /** Lengths of the axes of the first input behind the batch, or of all of them. */
  readonly shape?: readonly number[];
  readonly overwrite: boolean;
}

/** `voxplain differentiate`: an ONNX file in, an ONNX file with gradient outputs out. */
export async function differentiateFile(args: DifferentiateArguments): Promise<void> {
  const { source, below } = fileAt(args.model, "model");
  const output = resolve(args.output);
  if (!args.overwrite && existsSync(output)) {
    throw new VoxplainError(
      "already-exists",
      `there is a file ${output} already: choose another name, or add --overwrite to replace it`,
    );
  }
  const { model: stored } = await openOnnxFile(source, below);
  const model = args.shape === undefined ? stored : withShape(stored, args.shape);
  const firstOfFloats = model.graph.inputs.find(({ dtype }) => dtype.includes("float"));
  const input = args.with_respect_to?.[0] ?? firstOfFloats?.name ?? "";
  const differentiated = adviseShape(model, () =>
    withCountedBatch(model, (counted) =>
      differentiateFor({ model: counted, input }, counted, {
        ...(args.of !== undefined && { output: args.of }),
        ...(args.with_respect_to && { withRespectTo: args.with_respect_to }),
      }),
    ),
  );
  await writeModel(output, differentiated.model);
  const gradients = Object.entries(differentiated.gradients).map(([value, name]) => `${name} (of ${value})`);
  process.stdout.write(
    `${output}\nfeed:  ${differentiated.model.graph.inputs.map(({ name }) => name).join(", ")}\n` +
      `fetch: ${gradients.join(", ")}\n` +
      `${differentiated.cotangent} says which combination of the output is differentiated: 1 for the wanted class, else 0\n`,
  );
}

/**
 * The model whose first input has these lengths, and what follows from them.
 * @throws VoxplainError `invalid-argument` where the input has others, or another number of axes.
 */
function withShape(model: Model, shape: readonly number[]): Model {
  const { graph } = model;
  const [input, ...others] = graph.inputs;
  const stated = input?.dims ?? [];
  const lengths = shape.length === stated.length - 1 ? [stated[0] ?? "batch", ...shape] : shape;
  const fits =
    lengths.length === stated.length &&
    stated.every((dim, axis) => typeof dim !== "number" || dim === lengths[axis]);
  if (input === undefined || !fits) {
    throw new VoxplainError(
      "invalid-argument",
      `the shape ${shape.join(",")} does not fit the input "${input?.name}", ${shapeText(stated)}: ` +
        "give the lengths of its axes behind the batch, or of all axes",
    );
  }
  // Shapes noted at the export have other lengths; they can be inferred.
  const sized: Graph = { ...graph, inputs: [{ ...input, dims: lengths }, ...others], valueInfo: [] };
  return foldConstants({ ...model, graph: sized });
}

/**
 * Where the only open length is that of the batch and keeps a gradient from being known (constant sizes count the
 * images of the export, say): the model in which they count those that are fed, else that of one image.
 */
function withCountedBatch<T>(model: Model, compute: (model: Model) => T): T {
  try {
    return compute(model);
  } catch (error) {
    const isRest = ({ dims }: ValueInfo) => dims?.slice(1).every((dim) => typeof dim === "number") === true;
    if (!isOfOpenLength(error) || !model.graph.inputs.every(isRest)) throw error;
    return compute(withFreeBatch(model).model);
  }
}

function isOfOpenLength(error: unknown): error is VoxplainError {
  return isVoxplainError(error, "unsupported") && error.message.includes("is not fixed");
}

/** Open lengths are the usual reason for a refusal that can be helped. */
function adviseShape<T>({ graph: { inputs } }: Model, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    const open = inputs.find(({ dims }) => dims?.slice(1).some((dim) => typeof dim !== "number"));
    if (!isOfOpenLength(error) || open?.dims === undefined) throw error;
    // Without the methods that need no gradient: this one can be had.
    const { message } = isVoxplainError(error.cause) ? error.cause : error;
    const example = open.dims.slice(1).map((dim) => (typeof dim === "number" ? dim : 64));
    throw new VoxplainError(
      error.code,
      `${message}; give the lengths of the axes behind the batch, as in --shape ${example.join(",")}`,
      { cause: error },
    );
  }
}

function shapeText(dims: readonly Dim[]): string {
  return `[${dims.map((dim) => dim ?? "?").join(", ")}]`;
}

/** One file; from 1 GB on the weights lie in a second one beside it, written piece by piece. */
async function writeModel(path: string, model: Model): Promise<void> {
  const weights = [...model.graph.initializers.values()];
  const bytes = weights.reduce(
    (sum, { dims, dtype }) => sum + elementCount(dims) * bytesPerElement(dtype),
    0,
  );
  const location = `${basename(path)}.data`;
  const { proto, externalData } = await encodeModel(model, {
    externalData: bytes < largestSingle ? "inline" : { location },
  });
  for (const data of externalData) await writePieces(join(dirname(path), data.location), data.chunks());
  await directory(dirname(path)).write(basename(path), proto);
}

/** Under another name until it is complete. */
async function writePieces(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const unfinished = `${path}.incomplete`;
  const file = await open(unfinished, "w").catch(ioFailure("write", path));
  try {
    for await (const piece of pieces) await file.writeFile(piece).catch(ioFailure("write", path));
    await file.close();
    await rename(unfinished, path).catch(ioFailure("write", path));
  } catch (error) {
    await file.close().catch(() => {});
    await rm(unfinished, { force: true });
    throw error;
  }
}
