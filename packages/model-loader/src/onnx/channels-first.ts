import { VoxplainError } from "@voxplain/core";
import { channelAxisOfInput, type Dim, graphBuilder, type OnnxFile, renamedNode } from "@voxplain/onnx-graph";
import { onlyInput } from "./only-input.ts";

/** Grey, grey with opacity, colours, colours with opacity. */
const mostChannels = 4;

/**
 * The network with its channels in front, [batch, C, …], where it takes them last, [batch, …, C], as Keras
 * exports; otherwise the same. Which axis holds the channels is what the convolutions, poolings and
 * normalizations behind the input take for them, however the graph moves axes until there. A network without
 * such an operator takes the axes in the order that its input states, [batch, C, …].
 * @throws VoxplainError `mismatch` where it has several inputs, or none; `unsupported` where no operator shows the axis and the lengths of the input look like
 * [batch, …, C], or where it is neither the first nor the last.
 */
export function channelsFirst(file: OnnxFile): OnnxFile {
  const { graph } = file.model;
  const input = onlyInput(file);
  const rank = input.dims?.length ?? 0;
  if (input.dims === undefined || rank < 4) return file;
  const axis = channelAxisOfInput(file.model);
  if (axis === 1) return file;
  if (axis === undefined) {
    if (!looksChannelsLast(input.dims)) return file;
    throw new VoxplainError(
      "unsupported",
      `no convolution, pooling or normalization after the input [${input.dims.map((dim) => dim ?? "?").join(", ")}] shows ` +
        "whether the channels are its second or its last axis",
      {
        file: file.name,
        hint: "export the network with channels first, [batch, C, …], and with a transposition after its input where it needs them last",
      },
    );
  }
  if (axis !== rank - 1) {
    throw new VoxplainError("unsupported", `the channels are on axis ${axis} of the input`, {
      file: file.name,
      expected: "[batch, C, …] or [batch, …, C]",
      found: `[${input.dims.map((dim) => dim ?? "?").join(", ")}]`,
    });
  }

  const builder = graphBuilder(graph.name, { ...graph, nodes: [] });
  const last = builder.fresh(`${input.name}/channels_last`);
  const perm = [0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2), 1];
  builder.add("Transpose", [input.name], { perm }, { outputs: [last], name: last });
  const names = new Map([[input.name, last]]);
  const nodes = graph.nodes.map((node) => renamedNode(node, names));
  const [batch = null, ...lengths] = input.dims;
  const dims = [batch, lengths.at(-1) ?? null, ...lengths.slice(0, -1)];
  const turned = { ...graph, inputs: [{ ...input, dims }], nodes: [...builder.build().nodes, ...nodes] };
  return { ...file, model: { ...file.model, graph: turned } };
}

function looksChannelsLast(dims: readonly Dim[]): boolean {
  const couldBe = (dim: Dim | undefined) => typeof dim === "number" && dim <= mostChannels;
  return couldBe(dims.at(-1)) && !couldBe(dims[1]);
}
