import { predict } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";

describe("predict", () => {
  it("gives the softmax of the logits", () => {
    // e^1 / (e^1 + e^3) = 1 / (1 + e^2)
    const { probabilities, predictedClass } = predict([1, 3]);
    expect(probabilities[0]).toBeCloseTo(1 / (1 + Math.E ** 2), 15);
    expect(probabilities[0]! + probabilities[1]!).toBeCloseTo(1, 15);
    expect(predictedClass).toBe(1);
  });

  it("does not overflow", () => {
    expect(predict([1000, 0]).probabilities).toEqual([1, 0]);
    expect(predict([-1000, -1000]).probabilities).toEqual([0.5, 0.5]);
  });

  it("lets the first class win a tie", () => {
    expect(predict([2, 2, 1]).predictedClass).toBe(0);
  });
});
