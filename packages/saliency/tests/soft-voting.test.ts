import { softVote, uniformWeights, votingWeights } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";

/** `right` right and `wrong` wrong predictions of a part. */
const judged = (partId: number, right: number, wrong: number) => [
  ...Array.from({ length: right }, () => ({ partId, correct: true })),
  ...Array.from({ length: wrong }, () => ({ partId, correct: false })),
];

describe("the weights of a vote", () => {
  it("are the right predictions of each part over those of all", () => {
    const weights = votingWeights([...judged(0, 3, 1), ...judged(7, 1, 3), ...judged(2, 0, 4)]);
    expect([...weights]).toEqual([
      [0, 0.75],
      [7, 0.25],
      [2, 0],
    ]);
  });

  it.each([
    [3, [3 / 7, 4 / 7, 0]],
    [4, [0, 1, 0]],
    [0, [3 / 9, 4 / 9, 2 / 9]],
  ])("are 0 below a selection threshold of %s, and not at it", (selectionThreshold, expected) => {
    const validation = [...judged(0, 3, 1), ...judged(1, 4, 0), ...judged(2, 2, 2)];
    const weights = votingWeights(validation, { selectionThreshold });
    expected.forEach((weight, k) => {
      expect(weights.get(k)).toBeCloseTo(weight, 15);
    });
  });

  it.each([
    [
      [...judged(0, 3, 1)],
      { selectionThreshold: 4 },
      /no part may vote: none was right more often than 3 times.*threshold is 4/,
    ],
    [[...judged(0, 0, 2)], {}, /no part may vote/],
    [[], {}, /there are no validation predictions/],
  ])("that are all 0 are an error", (validation, options, message) => {
    expect(() => votingWeights(validation, options)).toThrow(message);
  });

  describe("of ClinicaDL 1.x", () => {
    const weighedBy = "accuracy";

    it("are the shares of right predictions over their sum", () => {
      const weights = votingWeights([...judged(0, 3, 1), ...judged(7, 1, 1)], { weighedBy });
      expect([...weights]).toEqual([
        [0, 0.6],
        [7, 0.4],
      ]);
    });

    it("are 0 where the share is below the threshold, and not at it", () => {
      const validation = [...judged(0, 3, 1), ...judged(1, 1, 1), ...judged(2, 1, 3)];
      const weights = votingWeights(validation, { weighedBy, selectionThreshold: 0.5 });
      expect([...weights.values()]).toEqual([0.6, 0.4, 0]);
    });

    it("that are all 0 are an error", () => {
      const options = { weighedBy, selectionThreshold: 0.8 } as const;
      expect(() => votingWeights([...judged(0, 3, 1)], options)).toThrow(
        "no part may vote: none was right in a larger share than 0.75 on the validation set, and the selection threshold is 0.8",
      );
    });
  });

  it("are the same for each part where nothing is known of them", () => {
    expect([...uniformWeights([20, 21, 22, 23])].map(([, weight]) => weight)).toEqual([
      0.25, 0.25, 0.25, 0.25,
    ]);
  });
});

describe("a vote", () => {
  it("is the weighted mean of the parts' probabilities", () => {
    const weights = new Map([
      [0, 0.75],
      [1, 0.25],
    ]);
    const parts = [
      { partId: 0, probabilities: [0.9, 0.1] },
      { partId: 1, probabilities: [0.2, 0.8] },
    ];
    const { probabilities, predictedClass } = softVote(parts, weights);
    // 0.75 · 0.9 + 0.25 · 0.2 and 0.75 · 0.1 + 0.25 · 0.8
    expect(probabilities[0]).toBeCloseTo(0.725, 15);
    expect(probabilities[1]).toBeCloseTo(0.275, 15);
    expect(predictedClass).toBe(0);
  });

  it("of classes that tie is won by the first", () => {
    const parts = [
      { partId: 0, probabilities: [0.25, 0.75] },
      { partId: 1, probabilities: [0.75, 0.25] },
    ];
    expect(softVote(parts, uniformWeights([0, 1]))).toEqual({ probabilities: [0.5, 0.5], predictedClass: 0 });
  });

  it("leaves out parts without a weight", () => {
    const parts = [
      { partId: 3, probabilities: [0, 1] },
      { partId: 4, probabilities: [1, 0] },
    ];
    expect(softVote(parts, new Map([[3, 1]])).probabilities).toEqual([0, 1]);
  });

  it("without a part that has a weight is an error, for the rest would not add up to 1", () => {
    const parts = [{ partId: 0, probabilities: [0.5, 0.5] }];
    expect(() => softVote(parts, uniformWeights([0, 9]))).toThrow(
      "part 9 has a weight in the vote, but the image has no such part; its parts are 0",
    );
    expect(() =>
      softVote(
        parts,
        new Map([
          [0, 1],
          [9, 0],
        ]),
      ),
    ).not.toThrow();
  });
});
