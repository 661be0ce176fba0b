import { floatAttribute, intAttribute } from "@voxplain/onnx-graph";
import { type RuleContext, unary } from "../rule.ts";
import { add, divide, multiply, square, subtract } from "./formula.ts";

/**
 * y = x·s^−β with s = k + α/n·Σ x² over a window of n channels:
 * dy·s^−β − 2αβ/n · x · Σ dy·y/s over the channels whose windows hold this one.
 */
export const localResponse = unary((g, dy) => {
  const [x, y] = [g.x[0], g.y[0]];
  const { attributes } = g.node;
  const size = intAttribute(attributes, "size", 1);
  const alpha = floatAttribute(attributes, "alpha", 1e-4);
  const beta = floatAttribute(attributes, "beta", 0.75);
  const before = Math.floor((size - 1) / 2);
  const after = size - 1 - before;
  const energy = multiply(g, meanOverChannels(g, square(g, x), before, after), alpha);
  const s = add(g, energy, floatAttribute(attributes, "bias", 1));
  const direct = multiply(g, dy, g.emit("Pow", [s, g.float(-beta)]));
  const shared = meanOverChannels(g, divide(g, multiply(g, dy, y), s), after, before);
  return subtract(g, direct, multiply(g, multiply(g, x, 2 * alpha * beta), shared));
});

/** Sums over `before` channels in front of each and `after` behind it, divided by how many these are. */
function meanOverChannels(g: RuleContext, value: string, before: number, after: number): string {
  // As an image of one channel, whose rows are the channels.
  const rows = g.emit("Unsqueeze", [g.emit("Reshape", [value, g.int64([0, 0, -1])]), g.int64([1])]);
  const means = g.emit("AveragePool", [rows], {
    kernel_shape: [before + 1 + after, 1],
    pads: [before, 0, after, 0],
    strides: [1, 1],
    count_include_pad: 1,
  });
  return g.emit("Reshape", [means, g.shapeOf(g.x[0])]);
}
