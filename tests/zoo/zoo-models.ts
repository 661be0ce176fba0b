import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { elementCount, type Tensor, tensor } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { onnxNetwork, type TrainedNetwork } from "@voxplain/model-loader";
import { decodeModel, type Model, openOnnxFile } from "@voxplain/onnx-graph";

/** One exported network, and what PyTorch computes with it; zoo/README.md describes the fields. */
export interface ZooModel {
  readonly name: string;
  readonly title: string;
  readonly exporter: string;
  readonly opset: number;
  readonly constantFolding: boolean;
  readonly dynamicBatch: boolean;
  readonly input: Tensor<"float32">;
  readonly cotangent: Tensor<"float32">;
  /** Absent where the output is no vector of logits. */
  readonly target?: number;
  /** In float64, rounded to float32. */
  readonly output: Float32Array;
  readonly gradient: Float32Array;
  readonly gradCam?: { readonly layer: string; readonly map: Float32Array };
  readonly pytorchFloat32: { readonly output: number; readonly gradient: number };
}

const folder = fileURLToPath(new URL("fixtures", import.meta.url));

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));
const floats = (text: string) => new Float32Array(bytes(text).buffer);
/** Bytes around 128, in steps of 1/64. */
const values = (dims: readonly number[], text: string) =>
  tensor(
    "float32",
    dims,
    Float32Array.from(bytes(text), (byte) => (byte - 128) / 64),
  );

export const zooModels: readonly ZooModel[] = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => {
    const { inputDims, outputDims, input, cotangent, output, gradient, gradCam, ...rest } = JSON.parse(
      readFileSync(`${folder}/${file}`, "utf8"),
    );
    return {
      name: file.slice(0, -".json".length),
      ...rest,
      input: values(inputDims, input),
      cotangent: cotangent === undefined ? oneHot(outputDims, rest.target) : values(outputDims, cotangent),
      output: floats(output),
      gradient: floats(gradient),
      ...(gradCam && { gradCam: { layer: gradCam.layer, map: floats(gradCam.map) } }),
    };
  });

function oneHot(dims: readonly number[], target: number): Tensor<"float32"> {
  const data = new Float32Array(elementCount(dims));
  for (let row = 0; row < dims[0]!; row++) data[row * dims[1]! + target] = 1;
  return tensor("float32", dims, data);
}

/** The file as it is, with one value as its only output. */
export async function decodeZooModel({ name }: ZooModel, output: string): Promise<Model> {
  const model = await decodeModel(readFileSync(`${folder}/${name}.onnx`), { name });
  return {
    ...model,
    graph: { ...model.graph, outputs: [{ name: output, dtype: "float32", dims: undefined }] },
  };
}

/** As the command line opens it: the logits before a final softmax, the batch axis free where it can be. */
export async function openZooModel({ name, target, input }: ZooModel): Promise<{
  readonly model: Model;
  readonly input: string;
  readonly output: string;
}> {
  const file = await openOnnxFile(directory(folder), `${name}.onnx`);
  if (target !== undefined) {
    const { model, input: image, logits } = onnxNetwork(file, { inputDims: input.dims.slice(1) });
    return { model, input: image, output: logits };
  }
  const { inputs, outputs } = file.model.graph;
  return { model: file.model, input: inputs[0]!.name, output: outputs[0]!.name };
}

/** Opens a network whose outputs are logits. */
export async function openZooNetwork({ name, input }: ZooModel): Promise<TrainedNetwork> {
  const file = await openOnnxFile(directory(folder), `${name}.onnx`);
  return onnxNetwork(file, { inputDims: input.dims.slice(1) });
}
