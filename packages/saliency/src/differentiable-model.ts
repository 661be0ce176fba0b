import {
  type InferenceSession,
  type ModelRuntime,
  type NamedTensors,
  type Tensor,
  tensor,
  VoxplainError,
} from "@voxplain/core";
import { differentiate, lower } from "@voxplain/onnx-autodiff";
import { encodeModel, type Model } from "@voxplain/onnx-graph";
import type { DifferentiableModel } from "./attribution.ts";

/** A network as model-loader gives it, or as one describes one's own. */
export interface Network {
  /** One float32 input [batch, ...inputDims]; the logits [batch, classes] among the outputs. */
  readonly model: Model;
  readonly input: string;
  readonly logits: string;
  readonly inputDims: readonly number[];
  readonly classCount: number;
}

/**
 * Differentiates a network and opens it on a runtime. One session serves every input and every
 * target class; `forward` opens a second one, without the gradient, when it is first called.
 * @throws VoxplainError `unsupported` when an operator on the path has no gradient rule.
 */
export async function differentiableModel(
  network: Network,
  runtime: ModelRuntime,
): Promise<DifferentiableModel> {
  const { model, input, logits, inputDims, classCount } = network;
  const differentiated = differentiate(model, { output: logits, withRespectTo: [input] });
  const gradientName = differentiated.gradients[input]!;
  const open = async (graph: Model) =>
    runtime.createSession(await encodeModel(lower(graph, runtime.lowering)));
  const gradientSession = await open(differentiated.model);
  let forwardSession: Promise<InferenceSession> | undefined;

  return {
    inputDims,
    classCount,
    async forward(batch) {
      checkInput(batch, inputDims);
      forwardSession ??= open(model);
      const results = await (await forwardSession).run({ [input]: batch }, { fetches: [logits] });
      return float32(results, logits);
    },
    async gradient(batch, target) {
      checkInput(batch, inputDims);
      const cotangent = oneHot(batch.dims[0]!, classCount, target);
      const results = await gradientSession.run(
        { [input]: batch, [differentiated.cotangent]: cotangent },
        { fetches: [logits, gradientName] },
      );
      return { gradient: float32(results, gradientName), logits: float32(results, logits) };
    },
    async release() {
      await gradientSession.release();
      await (await forwardSession)?.release();
    },
  };
}

/** The cotangent that asks for one logit of every input: [N, classes], 1 in the column of the target. */
function oneHot(count: number, classCount: number, target: number): Tensor<"float32"> {
  if (!Number.isInteger(target) || target < 0 || target >= classCount) {
    throw new VoxplainError(
      "invalid-argument",
      `the target class ${target} does not exist: this network has the classes 0 to ${classCount - 1}`,
    );
  }
  const data = new Float32Array(count * classCount);
  for (let row = 0; row < count; row++) data[row * classCount + target] = 1;
  return tensor("float32", [count, classCount], data);
}

function checkInput({ dims }: Tensor<"float32">, inputDims: readonly number[]): void {
  if (dims.length !== inputDims.length + 1 || inputDims.some((length, axis) => length !== dims[axis + 1])) {
    throw new VoxplainError(
      "mismatch",
      `the network takes inputs of shape [N, ${inputDims.join(", ")}], not [${dims.join(", ")}]`,
    );
  }
}

function float32(results: NamedTensors, name: string): Tensor<"float32"> {
  const found = results[name];
  if (found?.dtype !== "float32") {
    throw new VoxplainError(
      "computation-failed",
      `the runtime gave ${found?.dtype ?? "nothing"} for ${name}, not float32`,
    );
  }
  return found;
}
