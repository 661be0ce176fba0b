import { tensor } from "@voxplain/core";
import { graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { expect, it } from "vitest";
import { runOnnx } from "../../../tests/direct-runtime.ts";
import { differentiate } from "../src/index.ts";

/** As PyTorch exports `x.squeeze(1)` from a scripted module: y = x[:, 0] if that axis is 1 long, else x. */
function squeezing() {
  const graph = graphBuilder("squeezing");
  const x = graph.input("x", "float32", ["n", 1, 3]);
  graph.initializer("condition", tensor("bool", [], Uint8Array.of(1)));
  const squeezed = graphBuilder("then");
  const axes = squeezed.int64([1]);
  squeezed.output(squeezed.add("Squeeze", [x, axes], {}, { outputs: ["squeezed"] }), "float32", undefined);
  const kept = graphBuilder("else");
  kept.output(kept.add("Identity", [x], {}, { outputs: ["kept"] }), "float32", undefined);
  const branches = { then_branch: { graph: squeezed.build() }, else_branch: { graph: kept.build() } };
  const chosen = graph.add("If", ["condition"], branches);
  graph.output(graph.add("Exp", [chosen], {}, { outputs: ["y"] }), "float32", ["n", 3]);
  return graph.build();
}

it("an If with a constant condition has the gradient of the branch that is taken, and the same values", async () => {
  const graph = squeezing();
  const { model, cotangent, gradients } = differentiate(modelOf(graph));
  const x = tensor("float32", [2, 1, 3], Float32Array.of(0, 1, 2, -1, -2, -3));
  const plain = await runOnnx(modelOf(graph), { x });
  const found = await runOnnx(model, {
    x,
    [cotangent]: tensor("float32", [2, 3], new Float32Array(6).fill(1)),
  });
  expect(found.y).toEqual(plain.y);
  // exp is its own derivative.
  expect(found[gradients.x!]).toEqual({ ...plain.y, dims: [2, 1, 3] });
});
