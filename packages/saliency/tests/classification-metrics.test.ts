import { classificationMetrics } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";

const judged = (rows: readonly (readonly [truth: number, predicted: number, probability: number])[]) =>
  rows.map(([trueClass, predictedClass, probability]) => ({
    ...{ trueClass, predictedClass },
    probabilities: [1 - probability, probability],
  }));

describe("classification metrics", () => {
  it("are counted of each class: 3 of 4 members of class 1, 1 of 2 of class 0", () => {
    const found = classificationMetrics(
      judged([
        [1, 1, 0.9],
        [1, 1, 0.8],
        [1, 1, 0.6],
        [1, 0, 0.3],
        [0, 0, 0.2],
        [0, 1, 0.7],
      ]),
    );
    // 4 · 2 pairs, in which 0.9 and 0.8 win twice, 0.6 and 0.3 once each.
    expect(found).toEqual({
      count: 6,
      accuracy: 4 / 6,
      sensitivity: 0.75,
      specificity: 0.5,
      balancedAccuracy: 0.625,
      auc: 6 / 8,
    });
  });

  it("are those of the class that is called positive", () => {
    const predictions = judged([
      [1, 1, 0.9],
      [1, 0, 0.3],
      [0, 0, 0.2],
    ]);
    const [ofClass0, ofClass1] = [classificationMetrics(predictions, 0), classificationMetrics(predictions)];
    expect([ofClass0.sensitivity, ofClass0.specificity]).toEqual([1, 0.5]);
    expect([ofClass1.sensitivity, ofClass1.specificity]).toEqual([0.5, 1]);
    expect([ofClass0.accuracy, ofClass0.auc]).toEqual([ofClass1.accuracy, ofClass1.auc]);
  });

  it("of three classes compare one of them with the others", () => {
    const predictions = [
      { trueClass: 2, predictedClass: 2, probabilities: [0.1, 0.2, 0.7] },
      { trueClass: 2, predictedClass: 1, probabilities: [0.2, 0.5, 0.3] },
      // Wrong, but not in what concerns class 2.
      { trueClass: 0, predictedClass: 1, probabilities: [0.3, 0.6, 0.1] },
      { trueClass: 1, predictedClass: 2, probabilities: [0.3, 0.3, 0.4] },
    ];
    expect(classificationMetrics(predictions, 2)).toEqual({
      ...{ count: 4, accuracy: 0.5, sensitivity: 0.5, specificity: 0.5, balancedAccuracy: 0.5 },
      // 2 · 2 pairs, in which 0.7 wins twice, 0.3 once.
      auc: 3 / 4,
    });
  });

  it("have no area under the curve where a probability is NaN", () => {
    const { auc } = classificationMetrics(
      judged([
        [1, 1, 0.9],
        [0, 0, Number.NaN],
      ]),
    );
    expect(auc).toBeNaN();
  });

  it.each([
    [
      "the same probability throughout",
      [
        [1, 1, 0.5],
        [0, 1, 0.5],
        [0, 1, 0.5],
      ],
      0.5,
    ],
    [
      "one tie between the classes",
      [
        [1, 1, 0.7],
        [1, 1, 0.4],
        [0, 0, 0.4],
        [0, 0, 0.1],
      ],
      3.5 / 4,
    ],
    [
      "ties among members of one class alone",
      [
        [1, 1, 0.7],
        [1, 1, 0.7],
        [0, 0, 0.4],
        [0, 0, 0.4],
      ],
      1,
    ],
    [
      "the order of probabilities upside down",
      [
        [1, 0, 0.1],
        [0, 1, 0.9],
      ],
      0,
    ],
  ] as const)("count a tie half in the AUC: %s", (_, rows, auc) => {
    expect(classificationMetrics(judged(rows)).auc).toBeCloseTo(auc, 15);
  });

  it("are not defined where a class has no member", () => {
    const { accuracy, sensitivity, specificity, balancedAccuracy, auc } = classificationMetrics(
      judged([
        [1, 1, 0.9],
        [1, 0, 0.2],
      ]),
    );
    expect([accuracy, sensitivity]).toEqual([0.5, 0.5]);
    expect([specificity, balancedAccuracy, auc]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it("of nothing are not defined", () => {
    expect(classificationMetrics([])).toMatchObject({ count: 0, accuracy: Number.NaN, auc: Number.NaN });
  });
});
