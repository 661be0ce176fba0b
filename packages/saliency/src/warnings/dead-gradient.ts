import { elementAt, isVoxplainError, type ModelRuntime, type Tensor } from "@voxplain/core";
import { differentiate } from "@voxplain/onnx-autodiff";
import { encodeModel, graphBuilder, type Network } from "@voxplain/onnx-graph";
import type { DeadGradient, Layer, PassOptions } from "../attribution.ts";

interface Question extends PassOptions {
  /** [N, ...inputDims] */
  readonly batch: Tensor<"float32">;
  /** [N, classes]: which logit is asked for. */
  readonly cotangent: Tensor<"float32">;
}

/**
 * Where the gradient becomes 0 everywhere on its way from the logits to the input: at the last layer from which
 * nothing flows on, though something reaches it. Computes the gradient at every layer once, in a session of its own.
 * @param layers - Those between input and logits, in their order.
 * @returns undefined where the gradient reaches the input, or cannot be computed.
 */
export async function findDeadGradient(
  { model, input, logits }: Network,
  layers: readonly Layer[],
  runtime: ModelRuntime,
  { batch, cotangent, signal }: Question,
): Promise<DeadGradient | undefined> {
  const values = [input, ...layers.map(({ name }) => name)];
  try {
    const differentiated = differentiate(model, { output: logits, withRespectTo: values });
    const { graph } = differentiated.model;
    const builder = graphBuilder(graph.name, { ...graph, outputs: [] });
    const largest = values.map((value) => {
      const size = builder.add("Abs", [differentiated.gradients[value]!]);
      const name = builder.add("ReduceMax", [size], { keepdims: 0 });
      builder.output(name, "float32", []);
      return name;
    });
    const session = await runtime.createSession(
      await encodeModel({ ...differentiated.model, graph: builder.build() }),
      { signal },
    );
    try {
      const results = await session.run(
        { [input]: batch, [differentiated.cotangent]: cotangent },
        { signal },
      );
      const isDead = (value: string) => results[elementAt(largest, values.indexOf(value))]?.data[0] === 0;
      if (!isDead(input)) return undefined;
      const dead = values.findLast(isDead) ?? input;
      const blocking = model.graph.nodes.find(
        (node) =>
          node.inputs.includes(dead) && node.outputs.some((value) => value === logits || !isDead(value)),
      );
      return blocking && { layer: elementAt(blocking.outputs, 0), operator: blocking.opType };
    } finally {
      await session.release();
    }
  } catch (error) {
    signal?.throwIfAborted();
    // Without a gradient rule, or without memory for all gradients at once, the reason stays unknown.
    if (isVoxplainError(error)) return undefined;
    throw error;
  }
}
