import { type LazyTensor, VoxplainError } from "@voxplain/core";
import { graphBuilder, type Model, modelOf } from "@voxplain/onnx-graph";
import type { Architecture } from "./architectures/architecture.ts";
import { architectures } from "./architectures/index.ts";
import { randomArchitecture } from "./architectures/random.ts";
import type { TrainingSettings } from "./commandline.ts";
import { batchOf, layersOn } from "./layers.ts";
import { bindWeights } from "./weights.ts";

/** A network as an ONNX graph: input "input" [batch, …inputDims], output "logits" [batch, classes]. */
export interface BuiltNetwork {
  readonly model: Model;
  readonly input: string;
  readonly logits: string;
  readonly inputDims: readonly number[];
  readonly classCount: number;
  readonly architecture: string;
  readonly parameterCount: number;
}

export interface BuildOptions {
  /** One input without the batch: [C, X, Y, Z] or [C, H, W]. */
  readonly inputDims: readonly number[];
  /** What to call the weights in messages. */
  readonly name?: string;
}

/** ClinicaDL's networks tell two classes apart; further outputs are intensities of an atlas. */
const classLogits = 2;

/**
 * Puts the network that the settings describe together from a state dict. The weights stay where they
 * are until a runtime asks for them.
 * @throws VoxplainError `unsupported` for an unknown architecture, `mismatch` naming the entries that do not fit.
 */
export function buildNetwork(
  settings: Pick<TrainingSettings, "architecture" | "randomArchitecture" | "atlasIntensities">,
  stateDict: ReadonlyMap<string, LazyTensor>,
  { inputDims, name = "the network" }: BuildOptions,
): BuiltNetwork {
  const { label, architecture } = architectureOf(settings);
  if (architecture.inputDims !== undefined && architecture.inputDims.length !== inputDims.length) {
    throw new VoxplainError(
      "mismatch",
      `${label} takes inputs of shape [${architecture.inputDims.join(", ")}], the image has [${inputDims.join(", ")}]`,
    );
  }
  const graph = graphBuilder(label);
  const weights = bindWeights(graph, stateDict, `${label} in ${name}`);
  const input = graph.input("input", "float32", batchOf(inputDims));
  const output = architecture.build(layersOn(graph, weights), { name: input, dims: inputDims });
  weights.check();
  const extra = settings.atlasIntensities.length > 0 && output.dims[0]! > classLogits;
  const classCount = extra ? classLogits : output.dims[0]!;
  const logits = extra
    ? graph.add(
        "Slice",
        [output.name, graph.int64([0]), graph.int64([classLogits]), graph.int64([1])],
        {},
        { name: "logits", outputs: ["logits"] },
      )
    : graph.add("Identity", [output.name], {}, { name: "logits", outputs: ["logits"] });
  graph.output(logits, "float32", batchOf([classCount]));
  return {
    model: modelOf(graph.build()),
    input,
    logits,
    inputDims,
    classCount,
    architecture: label,
    parameterCount: weights.parameterCount,
  };
}

function architectureOf(settings: Pick<TrainingSettings, "architecture" | "randomArchitecture">): {
  label: string;
  architecture: Architecture;
} {
  if (settings.architecture === undefined) {
    if (settings.randomArchitecture === undefined)
      throw new VoxplainError("unsupported", "the network has no description");
    return { label: "RandomArchitecture", architecture: randomArchitecture(settings.randomArchitecture) };
  }
  const known = Object.hasOwn(architectures, settings.architecture)
    ? architectures[settings.architecture]
    : undefined;
  if (known !== undefined) return { label: settings.architecture, architecture: known };
  throw new VoxplainError(
    "unsupported",
    `the architecture "${settings.architecture.slice(0, 80)}" is not known (known: ${Object.keys(architectures).join(", ")}); ` +
      "export the network to ONNX and put it as model_best.onnx beside model_best.pth.tar",
  );
}
