import { type Dim, graphBuilder, type Model } from "@voxplain/onnx-graph";

/** A network, as far as its one logit concerns. */
interface OneLogit {
  readonly model: Model;
  readonly logits: string;
  readonly classCount: number;
}

/**
 * A network of one logit x, whose sigmoid is the probability of class 1, as one of the classes 0 and 1: its logits are
 * the scores [−x, x] of the two, and the sigmoid of each is its probability.
 */
export function withTwoClasses<N extends OneLogit>(network: N): N & { readonly decision: "binary" } {
  const { model, logits } = network;
  const [batch = "batch"]: readonly Dim[] = model.graph.outputs[0]?.dims ?? [];
  const builder = graphBuilder(model.graph.name, model.graph);
  const scores = builder.fresh("class_scores");
  builder.add("Concat", [builder.add("Neg", [logits]), logits], { axis: 1 }, { outputs: [scores] });
  const info = { name: scores, dtype: "float32", dims: [batch, 2] } as const;
  return {
    ...network,
    model: { ...model, graph: { ...builder.build(), outputs: [info] } },
    logits: scores,
    classCount: 2,
    decision: "binary",
  };
}

/** The network with log(p) − log(1 − p) in the place of an output p that is a probability. */
export function withLogit<N extends OneLogit>(network: N): N {
  const { model, logits: p } = network;
  const builder = graphBuilder(model.graph.name, model.graph);
  const rest = builder.add("Sub", [builder.scalar(1), p]);
  const logarithms = [p, rest].map((value) => builder.add("Log", [value]));
  const logits = builder.add("Sub", logarithms);
  const outputs = model.graph.outputs.map((info) => ({ ...info, name: logits }));
  return { ...network, model: { ...model, graph: { ...builder.build(), outputs } }, logits };
}
