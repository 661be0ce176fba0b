import { readPartPredictions } from "@voxplain/caps-io";
import { memoryFiles } from "@voxplain/core";
import { describe, expect, it } from "vitest";

const path = "fold-0/cnn_classification/best_loss/validation_slice_level_prediction.tsv";

async function read(text: string, mode: "patch" | "roi" | "slice" = "slice") {
  const files = memoryFiles();
  await files.write(path, new TextEncoder().encode(text));
  return readPartPredictions(files, path, mode);
}

const header = "participant_id\tsession_id\tslice_id\ttrue_label\tpredicted_label\tproba0\tproba1\n";

describe("predictions of parts", () => {
  it("are read in the order of the file, whatever else it holds", async () => {
    expect(
      await read(`${header}sub-01\tses-M00\t20\t1\t0\t0.7\t0.3\nsub-01\tses-M00\t21\t1\t1\t0.1\t0.9\n`),
    ).toEqual([
      { participantId: "sub-01", sessionId: "ses-M00", partId: 20, trueLabel: 1, predictedLabel: 0 },
      { participantId: "sub-01", sessionId: "ses-M00", partId: 21, trueLabel: 1, predictedLabel: 1 },
    ]);
  });

  it("have columns in any order, an index of pandas before them, and numbers as pandas writes them", async () => {
    const text =
      "\ttrue_label\tpredicted_label\tslice_id\tsession_id\tparticipant_id\n0\t1.0\t0\t20.0\tses-M00\tsub-01\n";
    expect(await read(text)).toEqual([
      { participantId: "sub-01", sessionId: "ses-M00", partId: 20, trueLabel: 1, predictedLabel: 0 },
    ]);
  });

  it("have any number of classes, and −1 where the class was not known", async () => {
    const text = `${header}sub-01\tses-M00\t20\t-1\t2\t0\t0\nsub-02\tses-M00\t20\t12\t3\t0\t0\n`;
    const labels = (await read(text)).map(({ trueLabel, predictedLabel }) => [trueLabel, predictedLabel]);
    expect(labels).toEqual([
      [-1, 2],
      [12, 3],
    ]);
  });

  it.each([
    [header.replace("slice_id", "patch_id"), /slice_id/],
    [
      `${header}sub-01\tses-M00\tx\t1\t0\t0\t1\n`,
      /validation_slice_level_prediction\.tsv: line 2: the slice_id is not a whole number: found "x"/,
    ],
    [`${header}sub-01\tses-M00\t20\t\t0\t0\t1\n`, /line 2: the true_label is not a whole number: found ""/],
    [
      `${header}sub-01\tses-M00\t20\t1\t-1\t0\t1\n`,
      /line 2: the predicted_label is not a whole number: found "-1"/,
    ],
  ])("that cannot be understood are an error with line and column", async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  it("that are not there are an error with the file", async () => {
    const name = "fold-0/cnn_classification/best_loss/validation_roi_level_prediction.tsv";
    await expect(readPartPredictions(memoryFiles(), name, "roi")).rejects.toMatchObject({
      code: "not-found",
      message: expect.stringContaining(name),
    });
  });
});
