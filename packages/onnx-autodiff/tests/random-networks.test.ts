import { describe, expect, it } from "vitest";
import { buildCase } from "./cases/case.ts";
import { randomNetwork } from "./cases/random-network.ts";
import { directionalDerivative } from "./finite-differences.ts";

describe("the gradient of any network is its derivative", () => {
  it.each(Array.from({ length: 40 }, (_, seed) => randomNetwork(seed)))("$name", (network) => {
    const { model, inputs } = buildCase(network, "float64");
    const found = directionalDerivative(model, inputs, "x");
    const error = Math.abs(found.byGradient - found.byDifferences);
    // Differences of fourth order with h = 1e-4 in float64, on values that six layers have made larger.
    expect(error).toBeLessThanOrEqual(1e-7 * Math.max(1, found.scale));
  });
});
