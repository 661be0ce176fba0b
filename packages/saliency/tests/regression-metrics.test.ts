import { regressionMetrics } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";

const judged = (...pairs: readonly (readonly [truth: number, predicted: number])[]) =>
  pairs.map(([trueValue, predictedValue]) => ({ trueValue, predictedValue }));

describe("metrics of numbers", () => {
  it("are the mean absolute error, the root of the mean squared error and R²", () => {
    // Errors −1, 1, 3; squares 1 + 1 + 9 = 11; the mean of the true values is 70, their spread 100 + 0 + 100.
    const { count, mae, rmse, r2 } = regressionMetrics(judged([60, 61], [70, 69], [80, 77]));
    expect([count, mae]).toEqual([3, 5 / 3]);
    expect(rmse).toBeCloseTo(Math.sqrt(11 / 3), 14);
    expect(r2).toBeCloseTo(1 - 11 / 200, 14);
  });

  it("are perfect where nothing is wrong", () => {
    expect(regressionMetrics(judged([1, 1], [2, 2]))).toEqual({ count: 2, mae: 0, rmse: 0, r2: 1 });
  });

  it("have no R² where all true values are the same", () => {
    expect(regressionMetrics(judged([60, 61], [60, 59])).r2).toBeNaN();
  });

  it("of nothing are not defined", () => {
    expect(regressionMetrics([])).toEqual({
      count: 0,
      mae: Number.NaN,
      rmse: Number.NaN,
      r2: Number.NaN,
    });
  });
});
