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

  it("seen as two classes takes the sigmoid of the one logit", () => {
    // The scores of a logit of ln 3: sigmoid(ln 3) = 3 / 4.
    const { logits, probabilities, predictedClass } = predict([-Math.log(3), Math.log(3)], "binary");
    expect(logits).toEqual([Math.log(3)]);
    expect(probabilities[0]).toBeCloseTo(0.25, 15);
    expect(probabilities[1]).toBeCloseTo(0.75, 15);
    expect(predictedClass).toBe(1);
    expect(predict([2, -2], "binary").predictedClass).toBe(0);
    // p = 0.5 is class 1.
    expect(predict([-0, 0], "binary")).toMatchObject({ probabilities: [0.5, 0.5], predictedClass: 1 });
  });

  it("gives classes that do not exclude each other the sigmoid of their own logits", () => {
    const { probabilities, predictedClass } = predict([Math.log(3), 0], "multi-label");
    expect(probabilities).toEqual([expect.closeTo(0.75, 15), 0.5]);
    expect(predictedClass).toBe(0);
  });
});
