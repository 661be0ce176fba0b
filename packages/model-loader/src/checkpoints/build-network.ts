import { elementCount, isVoxplainError, VoxplainError } from "@voxplain/core";
import { modelOf } from "@voxplain/onnx-graph";
import type { Architecture } from "../architectures/architecture.ts";
import { architectureOf, namedArchitectures } from "../architectures/index.ts";
import { networkBuilder, sizeText, type WeightShapes } from "../architectures/network-builder.ts";
import type { ArchitectureSettings } from "../settings/settings.ts";
import type { TrainedNetwork } from "../trained-network.ts";
import {
  type BindingProblems,
  bindingProblems,
  bindWeights,
  isSound,
  type Misshapen,
  plainKeys,
  refuseWeights,
  type StateDict,
  withoutCommonPrefix,
} from "./bind-weights.ts";

const inputName = "input";

/**
 * Rebuilds a network from its description and its weights, as an ONNX graph. The weights are not
 * read: the graph's initializers are the tensors of the state dict (converted, where they are not
 * float32). Nodes and values bear the layers' names in the state dict.
 * @param inputDims Of one image: [C, X, Y, Z] or [C, H, W].
 * @throws VoxplainError `unsupported` for an unknown architecture; `mismatch` when the weights or the
 * input are not those of the architecture, naming every entry and both shapes.
 */
export function buildNetwork(
  settings: ArchitectureSettings,
  stateDict: StateDict,
  inputDims: readonly number[],
): TrainedNetwork {
  const architecture = architectureOf(settings);
  checkInputDims(architecture, settings, inputDims);
  const { weights, network, logits, problems } = fit(architecture, settings, stateDict, inputDims);
  const { graph, declared } = network;
  if (!isSound(problems)) {
    refuseWeights(problems, architecture.name, hintOn(problems, architecture, settings, weights, inputDims));
  }
  for (const [key, weight] of bindWeights(declared, weights)) graph.initializer(key, weight);
  return {
    model: modelOf(graph.build()),
    input: inputName,
    logits: logits.name,
    inputDims: [...inputDims],
    classCount: logits.dims[0]!,
    architecture: architecture.name,
    parameterCount: [...declared]
      .filter(([key]) => !/\.running_(mean|var)$/.test(key))
      .reduce((count, [, { dims }]) => count + elementCount(dims), 0),
  };
}

/** How well a state dict fits a network. */
export interface Fit {
  /** How many weights are missing, are not the network's, or are of another shape; Infinity where the input is too small or keys are ambiguous. */
  readonly misfits: number;
  /** The weights under the network's own keys, as far as they fit. */
  readonly weights: StateDict;
}

/** @throws VoxplainError `unsupported` for an unknown architecture. */
export function fitOf(
  settings: ArchitectureSettings,
  stateDict: StateDict,
  inputDims: readonly number[],
): Fit {
  const architecture = architectureOf(settings);
  try {
    const { weights, problems } = fit(architecture, settings, stateDict, inputDims);
    const { missing, unexpected, misshapen } = problems;
    return { misfits: missing.length + unexpected.length + misshapen.length, weights };
  } catch (error) {
    if (!isVoxplainError(error, "mismatch")) throw error;
    return { misfits: Number.POSITIVE_INFINITY, weights: stateDict };
  }
}

/** Prefixes that all keys share are taken off where the weights fit without them, and left where they do not. */
function fit(
  architecture: Architecture,
  settings: ArchitectureSettings,
  stateDict: StateDict,
  inputDims: readonly number[],
) {
  const attempt = (weights: StateDict) => {
    const drafted = draft(architecture, settings, weights, inputDims);
    return { weights, ...drafted, problems: bindingProblems(drafted.network.declared, weights) };
  };
  const plain = plainKeys(stateDict);
  const asItIs = attempt(plain);
  if (isSound(asItIs.problems)) return asItIs;
  let shorter = withoutCommonPrefix(plain);
  for (let taken = 0; shorter !== undefined && taken < mostPrefixes; taken++) {
    const found = attempt(shorter);
    if (isSound(found.problems)) return found;
    shorter = withoutCommonPrefix(shorter);
  }
  return asItIs;
}

const mostPrefixes = 3;

/** The graph without its weights. */
function draft(
  architecture: Architecture,
  settings: ArchitectureSettings,
  shapes: WeightShapes,
  inputDims: readonly number[],
) {
  const predictsAtlases = (settings.predictAtlasIntensities ?? []).length > 0;
  const network = networkBuilder(architecture.name, inputDims, shapes, {
    trainedDims: settings.inputDims,
    outputSize: settings.outputSize,
    classOutputs: predictsAtlases ? 2 : undefined,
  });
  const name = network.graph.input(inputName, "float32", ["batch", ...inputDims]);
  const logits = architecture.build(network, { name, dims: inputDims });
  network.graph.output(logits.name, "float32", ["batch", ...logits.dims]);
  return { network, logits };
}

function checkInputDims(
  architecture: Architecture,
  settings: ArchitectureSettings,
  inputDims: readonly number[],
): void {
  if (inputDims.some((length) => !Number.isSafeInteger(length) || length < 1)) {
    throw new VoxplainError("invalid-argument", `an input cannot be of ${sizeText(inputDims)}`);
  }
  const made = architecture.inputDims;
  if (made === undefined) {
    const { axes } = architecture;
    if (axes === undefined ? [2, 3].includes(inputDims.length - 1) : inputDims.length - 1 === axes) return;
    throw new VoxplainError("mismatch", `the input is not an image for ${architecture.name}`, {
      expected: axes === 2 ? "[C, H, W]" : axes === 3 ? "[C, X, Y, Z]" : "[C, X, Y, Z] or [C, H, W]",
      found: sizeText(inputDims),
    });
  }
  if (made.length === inputDims.length && made[0] === inputDims[0]) return;
  const others = namedArchitectures(settings).filter((other) => other.inputDims?.join() === inputDims.join());
  throw new VoxplainError("mismatch", `wrong size of the input of ${architecture.name}`, {
    expected: sizeText(made),
    found: sizeText(inputDims),
    ...(others.length > 0 && { hint: `${others.map(({ name }) => name).join(" and ")} would fit` }),
  });
}

/** What the weights may be instead. */
function hintOn(
  { missing, misshapen }: BindingProblems,
  architecture: Architecture,
  settings: ArchitectureSettings,
  weights: StateDict,
  inputDims: readonly number[],
): string | undefined {
  const size = sizeText(inputDims);
  const hints: string[] = [];
  const twin = namedArchitectures(settings).find(
    (other) => other !== architecture && fits(other, settings, weights, other.inputDims ?? inputDims),
  );
  if (twin !== undefined) {
    const size = twin.inputDims === undefined ? "" : `, which takes inputs of ${sizeText(twin.inputDims)}`;
    hints.push(`they fit ${twin.name}${size}`);
  }
  const ranks = misshapen.filter(({ found, expected }) => found.length !== expected.length);
  const [rank] = ranks;
  if (rank !== undefined && missing.length === 0) {
    hints.push(
      `they are those of a ${rank.found.length - 2}D network, but the input of ${size} is ${inputDims.length - 1}D`,
    );
  }
  const [first] = misshapen;
  if (missing.length === 0 && first !== undefined && misshapen.every(isOfFeatures)) {
    const { inputDims: trained } = settings;
    const trainedOn =
      trained === undefined || trained.join() === inputDims.join()
        ? `inputs of another size than ${size}`
        : `inputs of ${sizeText(trained)}, not of ${size}`;
    hints.push(
      `all others fit: the network was trained on ${trainedOn}, ` +
        `which leaves ${first.expected[1]} features where ${first.found[1]} are needed`,
    );
  }
  if (first !== undefined && misshapen.every(({ key }) => /\.weight$/.test(key)) && ranks.length === 0) {
    const { found, expected } = first;
    if (found.length > 2 && found[1] !== expected[1]) {
      hints.push(`its first layer takes ${found[1]} channels, the input has ${inputDims[0]}`);
    }
  }
  return hints.length === 0 ? undefined : hints.join("; ");
}

/** Whether the weights of a fully connected layer are for another number of features. */
function isOfFeatures({ found, expected }: Misshapen): boolean {
  return found.length === 2 && found[0] === expected[0];
}

function fits(
  architecture: Architecture,
  settings: ArchitectureSettings,
  weights: StateDict,
  inputDims: readonly number[],
): boolean {
  if (architecture.axes !== undefined && architecture.axes !== inputDims.length - 1) return false;
  try {
    const { network } = draft(architecture, settings, weights, inputDims);
    return isSound(bindingProblems(network.declared, weights));
  } catch (error) {
    if (!isVoxplainError(error, "mismatch")) throw error;
    return false;
  }
}
