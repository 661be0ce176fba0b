import {
  type FilePath,
  type FileSink,
  type FileSource,
  isVoxplainError,
  type VoxplainError,
} from "@voxplain/core";
import { openOnnxFile, writeModel } from "@voxplain/onnx-graph";
import { type DifferentiatedModel, differentiate } from "./differentiate.ts";
import { advisedLengths, withCountedBatch, withLengths } from "./given-lengths.ts";
import { checkNotQuantized } from "./quantized.ts";

/** What is differentiated in an ONNX file, and at what. */
export interface DifferentiateFileOptions {
  /** The value to differentiate, such as the logits before a softmax; default: the first output. */
  readonly output?: string;
  /** Inputs or inner values whose gradients are wanted; default: the first floating-point input. */
  readonly withRespectTo?: readonly string[];
  /** Lengths of the axes of the first input behind the batch, or of all of them, where the file leaves them open. */
  readonly shape?: readonly number[];
  /**
   * The name of the second file, which is in the folder of the first one; default: `<path>.data`. Where an ONNX file is replaced, a name
   * that it does not use leaves it whole until the new one is there.
   */
  readonly weightsFile?: string;
  /** What becomes of the error that says why there is no gradient, where something else than a gradient would do. */
  readonly advise?: (refusal: VoxplainError) => VoxplainError;
}

/**
 * Differentiates an ONNX file into another ONNX file, which any ONNX Runtime computes: the same file as
 * `voxplain differentiate` writes. From 1 GiB of weights on they are in a second file beside it.
 * @param from - The network.
 * @param to - The file to write, or to replace.
 * @returns What was written, with the names of the cotangent and of the gradients.
 * @throws VoxplainError as `openOnnxFile`, `differentiate` and `writeModel`; `unsupported` for a quantized network,
 * `invalid-argument` for a shape that does not fit the first input.
 */
export async function differentiateFile(
  from: { readonly source: FileSource; readonly path: FilePath },
  to: { readonly sink: FileSink; readonly path: FilePath },
  { output, withRespectTo, shape, weightsFile, advise = (refusal) => refusal }: DifferentiateFileOptions = {},
): Promise<DifferentiatedModel> {
  const { model: stored } = await openOnnxFile(from.source, from.path);
  const model = shape === undefined ? stored : withLengths(stored, shape);
  const input = withRespectTo?.[0] ?? model.graph.inputs.find(({ dtype }) => dtype.includes("float"))?.name;
  const gradient = (): DifferentiatedModel => {
    try {
      return withCountedBatch(model, (counted) => {
        if (input !== undefined) checkNotQuantized(counted.graph, input);
        return differentiate(counted, {
          ...(output !== undefined && { output }),
          ...(withRespectTo && { withRespectTo }),
        });
      });
    } catch (error) {
      if (!isVoxplainError(error, "unsupported")) throw error;
      throw advisedLengths(error, model) ?? advise(error);
    }
  };
  const differentiated = gradient();
  await writeModel(to.sink, to.path, differentiated.model, weightsFile);
  return differentiated;
}
