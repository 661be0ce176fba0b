import {
  choosePreprocessing,
  type FilePlace,
  type PreprocessingStep,
  parsePreprocessing,
  type StatedPreprocessing,
} from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import { type ImageNetworkFile, openImageNetwork, type TrainedNetwork } from "@voxplain/model-loader";
import { classNames } from "./labels.ts";
import type { Model, ModelFacts, ModelLabels, NetworkRequest } from "./model.ts";
import { sameOutput } from "./same-output.ts";

/** What is known of an ONNX file beside what it states itself. */
export interface OnnxModelOptions {
  /** What is done to images before; an empty list for nothing. Default: what the file states, else nothing. */
  readonly preprocessing?: readonly PreprocessingStep[] | undefined;
  /** The output that holds the logits; default: the first. */
  readonly output?: string | undefined;
  /** Which value of the labels is which class. */
  readonly labels?: ModelLabels | undefined;
}

/** Opens an ONNX file: one network of whole images. */
export async function openOnnxModel(
  { source, below }: FilePlace,
  { preprocessing, output, labels }: OnnxModelOptions,
): Promise<Model> {
  const opened = await openImageNetwork(source, below);
  const { name, lengths, channelsLast } = opened;
  const network = rememberingLast(({ inputDims, index, region = "grid" }) =>
    opened.network({ inputDims, region, ...(index && { index }), ...(output !== undefined && { output }) }),
  );
  return {
    ...{ name, kind: "onnx-file", source, task: "classification", networks: [{}] },
    classes: labels === undefined ? [] : classNames(labels, labels.nodes.keys()),
    ...(labels && { labels }),
    parts: { mode: "image" },
    input: {
      ...{ dims: lengths, channelsLast },
      preparation: { kind: "steps", ...choosePreprocessing(preprocessing, statedBy(opened)) },
    },
    problems: [],
    choose({ folds, selections }) {
      if (folds === undefined && selections === undefined) return [{}];
      throw new VoxplainError(
        "invalid-argument",
        "an ONNX file holds one network, without folds and selections",
        {
          file: name,
        },
      );
    },
    facts: async () => {
      const nothingOdd = { classCount: undefined, failures: [], problems: [] };
      return { rows: rowsOf(opened), networks: [{}], ...nothingOdd };
    },
    seenParticipants: async () => undefined,
    networkCount: () => undefined,
    statedInput: async () => lengths,
    load: async (_, request) => ({ ...network(request), file: below }),
    votingWeights: async () => {
      throw new RangeError("whole images do not vote");
    },
  };
}

/** A plan looks at the network that a run opens next. */
function rememberingLast(
  make: (request: NetworkRequest) => TrainedNetwork,
): (request: NetworkRequest) => TrainedNetwork {
  let last: { readonly request: NetworkRequest; readonly network: TrainedNetwork } | undefined;
  return (request) => {
    if (last === undefined || !sameOutput(last.request, request)) {
      last = { request, network: make(request) };
    }
    return last.network;
  };
}

function statedBy({ name, preprocessing }: ImageNetworkFile): StatedPreprocessing | undefined {
  return preprocessing && { steps: parsePreprocessing(preprocessing), source: `the metadata of ${name}` };
}

function rowsOf({
  opset,
  lengths,
  channelsLast,
  storedType,
  nodeCount,
}: ImageNetworkFile): ModelFacts["rows"] {
  const shape = lengths.map((length) => length ?? "any");
  return [
    { label: "Format", value: `ONNX${opset === undefined ? "" : `, operator set ${opset}`}` },
    {
      label: "Input",
      value: `${shape.join(" × ")}${channelsLast ? " (the file has the channels last)" : ""}`,
    },
    ...(storedType === "float32" ? [] : [{ label: "Element type", value: storedType }]),
    { label: "Nodes", value: nodeCount.toLocaleString("en") },
  ];
}
