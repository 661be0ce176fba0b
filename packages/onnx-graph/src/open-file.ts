import {
  type DType,
  errorAt,
  type FilePath,
  type FileSource,
  isVoxplainError,
  joinPath,
  readFile,
} from "@voxplain/core";
import { decodeModel } from "./decode-model.ts";
import { withFloat32Inputs } from "./float-input.ts";
import type { Model } from "./model.ts";
import { keepZeroPadding } from "./padding-zero.ts";
import { toFloat32 } from "./to-float32.ts";
import { upgradeOpset } from "./upgrade-opset.ts";

/** A network of an ONNX file, of any origin. */
export interface OnnxFile {
  /** What messages call it. */
  readonly name: string;
  /** The operator set that the file states; the model may be of a newer one. */
  readonly opset: number | undefined;
  /** As plain data, with inputs of float32; large weights are read when needed. */
  readonly model: Model;
  /** Types that inputs have in the file, by name, where those are not float32. */
  readonly storedTypes?: ReadonlyMap<string, DType>;
}

/**
 * Opens an ONNX file; weights in files beside it are read when needed. A model of the operator sets 7 to 16
 * is upgraded to 17, and one in half or double precision becomes one in float32, inputs and outputs too. Inputs of integers
 * become float32 with the same numbers.
 * @throws VoxplainError `unsupported` for older operator sets and nodes that cannot be upgraded, `not-found`, `invalid-file`, `unsafe-file` for weights outside of its folder.
 */
export async function openOnnxFile(source: FileSource, path: FilePath): Promise<OnnxFile> {
  const name = `${source.name}/${path}`;
  const directory = path.slice(0, path.lastIndexOf("/") + 1);
  const model = decodeModel(await readFile(source, path), {
    name,
    externalData: (location) => source.open(joinPath(directory, location)),
  });
  const current = madePlain(model, name);
  const others = model.graph.inputs.filter(({ dtype }) => dtype !== "float32");
  return {
    name,
    opset: model.opsets[""],
    model: { ...current, graph: keepZeroPadding(current.graph) },
    ...(others.length > 0 && { storedTypes: new Map(others.map((input) => [input.name, input.dtype])) }),
  };
}

function madePlain(model: Model, file: string): Model {
  try {
    return withFloat32Inputs(toFloat32(upgradeOpset(model)));
  } catch (error) {
    throw isVoxplainError(error) ? errorAt(error, { file }) : error;
  }
}
