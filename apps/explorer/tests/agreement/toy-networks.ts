import { tensor } from "@voxplain/core";
import { type Dim, encodeModel, type GraphBuilder, graphBuilder, modelOf } from "@voxplain/onnx-graph";

/** How networks of images differ. */
export interface NetworkKind {
  /** [C, X, Y, Z] or [C, H, W] of the input; null for an open length. */
  readonly input: readonly (number | null)[];
  /** What it gives; default three logits. */
  readonly output?:
    | "logits"
    | "softmax"
    | "sigmoid"
    | "one-logit"
    | "vector"
    | "classes-in-a-point"
    | "grid"
    | "boxes";
  readonly channelsLast?: boolean;
  /** Default "batch", a dynamic one. */
  readonly batch?: Dim;
  readonly dtype?: "float32" | "uint8";
  /** An operator that no gradient is known of stands in it. */
  readonly withoutGradient?: boolean;
  /** A weight is NaN. */
  readonly notFinite?: boolean;
  /** The entry `voxplain.preprocess` of its metadata. */
  readonly preprocess?: string;
}

/** A small network: a convolution, its maxima with 0, a mean over positions, a linear layer. */
export async function network(kind: NetworkKind): Promise<Uint8Array> {
  const graph = graphBuilder("toy");
  const { input, batch = "batch", dtype = "float32" } = kind;
  const [channels = 1, ...spatial] = input;
  const inner = spatial.map((length, axis) => length ?? `length${axis}`);
  const dims: Dim[] = kind.channelsLast ? [batch, ...inner, channels] : [batch, channels ?? "c", ...inner];
  const given = graph.input("image", dtype, dims);
  const image = dtype === "uint8" ? graph.add("Cast", [given], { to: 1 }) : given;
  const order = [0, spatial.length + 1, ...spatial.map((_, axis) => axis + 1)];
  const front = kind.channelsLast ? graph.add("Transpose", [image], { perm: order }) : image;
  const kernel = weights([4, channels ?? 1, ...spatial.map(() => 3)], 0.7, kind.notFinite);
  const convolved = graph.add(
    "Conv",
    [front, graph.initializer("kernel", kernel), graph.initializer("bias", weights([4], 0.3))],
    { kernel_shape: spatial.map(() => 3), pads: spatial.flatMap(() => [1, 1]) },
  );
  const features = graph.add("Relu", [convolved], {}, { name: "features" });
  const rounded = kind.withoutGradient ? graph.add("Hardmax", [features], { axis: 1 }) : features;
  addOutput(graph, rounded, kind, [batch, ...inner]);
  const metadata = kind.preprocess === undefined ? {} : { "voxplain.preprocess": kind.preprocess };
  return (await encodeModel(modelOf(graph.build(), { metadata }))).proto;
}

function addOutput(graph: GraphBuilder, features: string, kind: NetworkKind, dims: readonly Dim[]): void {
  const { output = "logits" } = kind;
  const [batch = "batch", ...spatial] = dims;
  if (output === "grid") {
    const last = graph.initializer("last", weights([3, 4, ...spatial.map(() => 1)], 1.1));
    graph.output(graph.add("Conv", [features, last]), "float32", [batch, 3, ...spatial]);
    return;
  }
  const count = output === "boxes" ? 8 : ["sigmoid", "one-logit", "vector"].includes(output) ? 1 : 3;
  const mean = graph.add("Flatten", [graph.add("GlobalAveragePool", [features])]);
  const logits = graph.add("Gemm", [
    mean,
    graph.initializer("linear", weights([4, count], 2.3)),
    graph.initializer("offset", weights([count], 0.1)),
  ]);
  const { value, shape } = shaped(graph, logits, output, spatial.length);
  graph.output(value, "float32", [batch, ...shape(count)]);
}

/** What the network gives, and its axes behind the batch. */
function shaped(graph: GraphBuilder, logits: string, output: NetworkKind["output"], rank: number) {
  switch (output) {
    case "softmax":
      return { value: graph.add("Softmax", [logits], { axis: 1 }), shape: (count: number) => [count] };
    case "sigmoid":
      return { value: graph.add("Sigmoid", [logits]), shape: (count: number) => [count] };
    case "vector":
      return { value: graph.add("Squeeze", [logits, graph.int64([1])]), shape: () => [] };
    case "boxes":
      // Two scores of each of four boxes.
      return { value: graph.add("Reshape", [logits, graph.int64([-1, 4, 2])]), shape: () => [4, 2] };
    case "classes-in-a-point": {
      const axes = Array.from({ length: rank }, (_, axis) => axis + 2);
      const point = graph.add("Unsqueeze", [logits, graph.int64(axes)]);
      return { value: point, shape: (count: number) => [count, ...axes.map(() => 1)] };
    }
    default:
      return { value: logits, shape: (count: number) => [count] };
  }
}

/** Between −1 and 1, different for each `salt`. */
function weights(dims: readonly number[], salt: number, notFinite = false) {
  const count = dims.reduce((product, length) => product * length, 1);
  const data = Float32Array.from({ length: count }, (_, k) => Math.sin(17.3 * salt * (k + 1)));
  if (notFinite) data[0] = Number.NaN;
  return tensor("float32", dims, data);
}
