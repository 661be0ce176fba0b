import { VoxplainError } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { percent } from "../../src/page/prediction-text.ts";
import { sentenceFrom, sentenceOf } from "../../src/page/sentences.ts";

describe("sentences about what is wrong", () => {
  it.each([
    ["the file is damaged", "The file is damaged"],
    ["brain.nii has the shape [8, 9]", "brain.nii has the shape [8, 9]"],
    ["my_model/commandline.json: it is not valid JSON", "my_model/commandline.json: it is not valid JSON"],
    ["brain.onnx/brain.onnx: this is no model", "brain.onnx: this is no model"],
    ["cannot read my brain.nii/my brain.nii: it is gone", "Cannot read my brain.nii: it is gone"],
    ["a.nii/a.nii.gz is no NIfTI image", "a.nii/a.nii.gz is no NIfTI image"],
    [
      "my_model/a.tsv: there is no such file; give all the same weight (--voting uniform)",
      "my_model/a.tsv: there is no such file; give all the same weight",
    ],
    [
      "net.onnx: the output is not one logit per class; choose one value by an index for each axis after the batch (--target 0,0)",
      "net.onnx: the output is not one logit per class; choose one value by an index for each axis after the batch " +
        "(Explained output: 0,0)",
    ],
    ["name the class by its number (--target_node)", "Name the class by its number"],
    [
      "sub-02 ses-M00: my table.tsv/images/a.nii.gz: there is no such file",
      "sub-02 ses-M00: images/a.nii.gz: there is no such file",
    ],
    ["2 files/cut.pt cannot be opened", "cut.pt cannot be opened"],
  ])("%j is shown as %j", (message, sentence) => {
    expect(sentenceFrom(message)).toBe(sentence);
  });

  it("say of an error that is not ours what kind it is", () => {
    expect(sentenceOf(new VoxplainError("invalid-file", "the file is damaged"))).toBe("the file is damaged");
    expect(sentenceOf(new RangeError("too long"))).toBe(
      "Something unexpected happened (RangeError): too long",
    );
  });
});

it.each([
  [1, "100.0 %"],
  [0.99999, ">99.9 %"],
  [0.5, "50.0 %"],
  [0.00001, "<0.1 %"],
  [0, "0.0 %"],
])("a share of %d is written as %j: 0 and 100 % only where that is exact", (share, text) => {
  expect(percent(share)).toBe(text);
});
