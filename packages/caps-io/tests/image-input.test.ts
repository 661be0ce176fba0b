import { type Affine, elementCount, tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import {
  choosePreprocessing,
  type ImageFile,
  type InputSpec,
  imageInput,
  inputDims,
  parsePreprocessing,
  stepText,
} from "../src/index.ts";

const array = (dims: readonly number[], values = counting(dims)): ImageFile => ({
  name: "image.npy",
  values: tensor("float32", dims, values),
  warnings: [],
});
const counting = (dims: readonly number[]) => Float32Array.from({ length: elementCount(dims) }, (_, k) => k);
const volumes: InputSpec = { lengths: [1, 2, 3, 2], channelsLast: false };
const prepared = (image: ImageFile, spec: InputSpec, ...steps: string[]) =>
  imageInput(image, spec, parsePreprocessing(steps));

describe("the axes of an image", () => {
  it.each([
    ["bare", [2, 3, 2]],
    ["with a channel", [1, 2, 3, 2]],
    ["with a batch of one", [1, 1, 2, 3, 2]],
    ["with more leading axes of length 1", [1, 1, 1, 2, 3, 2]],
  ])("%s become [C, X, Y, Z], the values in the same order", (_, dims) => {
    const { values } = prepared(array(dims), volumes);
    expect(values.dims).toEqual([1, 2, 3, 2]);
    expect(values.data).toEqual(counting(dims));
  });

  it("of a batch of two are refused, also behind leading axes of length 1", () => {
    for (const dims of [
      [2, 1, 2, 3, 2],
      [1, 2, 1, 2, 3, 2],
    ]) {
      expect(() => prepared(array(dims), volumes)).toThrow(
        `image.npy: the image has another number of axes than the network takes: expected a 3D image, found [${dims.join(", ")}]`,
      );
    }
  });

  it("have their channels last where the network's own file has", () => {
    const colours: InputSpec = { lengths: [3, 2, 2], channelsLast: true };
    const { values } = prepared(array([1, 2, 2, 3]), colours);
    expect(values.dims).toEqual([3, 2, 2]);
    expect([...values.data]).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
    expect(() => prepared(array([2, 2, 3]), { ...colours, channelsLast: false })).toThrow(
      "expected 3 channels, found 2 channels",
    );
  });

  it("of a NIfTI slice have a third one of one voxel, which a network of pictures does not take", () => {
    const slice: ImageFile = { ...array([3, 2, 1]), hasSpatialAxes: true };
    expect(prepared(slice, { lengths: [1, 3, 2], channelsLast: false }).values.dims).toEqual([1, 3, 2]);
    const volume: ImageFile = { ...array([3, 2, 2]), hasSpatialAxes: true };
    expect(() => prepared(volume, { lengths: [null, null, null], channelsLast: false })).toThrow(
      "expected a 2D image, found [3, 2, 2]",
    );
  });

  it("must have the lengths that the network takes, and the error names the step that helps", () => {
    expect(() => prepared(array([4, 3, 2]), volumes)).toThrow(
      "image.npy: the image has another shape than the network takes: expected [1, 2, 3, 2], found [1, 4, 3, 2]; " +
        "the preprocessing step resize=2,3,2 interpolates it to that shape",
    );
    expect(prepared(array([4, 3, 2]), { ...volumes, lengths: [1, null, 3, null] }).values.dims).toEqual([
      1, 4, 3, 2,
    ]);
  });

  it.each([
    [[2, 3, 2], []],
    [
      [1, 1, 4, 5, 6],
      ["resize=2,3,2", "z-score"],
    ],
    [[2, 1, 2, 3, 2], []],
    [[9], []],
    [[3, 2, 3, 2], ["grey"]],
    [[1, 2, 3, 2], ["rgb"]],
    [[2, 2, 3, 2], ["grey"]],
    [[1, 2, 3, 2], ["mean=1,2"]],
    [[1, 2, 3, 2], ["resize=2,3"]],
  ])("are judged the same from the shape alone: %j %j", (dims, steps) => {
    const attempt = (work: () => readonly number[]) => {
      try {
        return work();
      } catch (error) {
        return String(error);
      }
    };
    const { values: _, ...known } = array(dims);
    const fromShape = attempt(() => inputDims({ ...known, dims }, volumes, parsePreprocessing(steps)));
    expect(fromShape).toEqual(attempt(() => prepared(array(dims), volumes, ...steps).values.dims));
  });
});

it("NaN and infinite values are refused before any step", () => {
  const broken = array([2, 3, 2]);
  broken.values.data[3] = Number.NaN;
  broken.values.data[5] = Number.NEGATIVE_INFINITY;
  expect(() => prepared(broken, volumes, "min-max")).toThrow(
    "image.npy: 2 of 12 values are NaN or infinite; no network can read such an image",
  );
});

describe("a preprocessing step", () => {
  it.each([
    ["min-max", [0, 1 / 3, 2 / 3, 1]],
    // The population's standard deviation of 0, 1, 2, 3 is √1.25.
    ["z-score", [-1.5, -0.5, 0.5, 1.5].map((value) => value / Math.sqrt(1.25))],
    ["scale=0.5", [0, 0.5, 1, 1.5]],
    ["mean=1", [-1, 0, 1, 2]],
    ["std=2", [0, 0.5, 1, 1.5]],
  ])("%s changes the values", (step, expected) => {
    const { values } = prepared(array([1, 2, 2]), { lengths: [1, 2, 2], channelsLast: false }, step);
    for (const [k, value] of expected.entries()) expect(values.data[k]).toBeCloseTo(value, 6);
  });

  it("with a number for each channel changes each channel by its own", () => {
    const spec: InputSpec = { lengths: [2, 1, 2], channelsLast: false };
    expect([...prepared(array([2, 1, 2]), spec, "mean=1,2", "std=1,2").values.data]).toEqual([-1, 0, 0, 0.5]);
  });

  it("z-score counts all channels and zeros together", () => {
    const spec: InputSpec = { lengths: [2, 1, 2], channelsLast: false };
    const { data } = prepared(array([2, 1, 2], Float32Array.of(0, 0, 4, 4)), spec, "z-score").values;
    expect([...data]).toEqual([-1, -1, 1, 1]);
  });

  it.each(["min-max", "z-score"])("%s makes a constant image zero, with a warning", (step) => {
    const constant = array([2, 3, 2], new Float32Array(12).fill(0.1));
    const { values, warnings } = prepared(constant, volumes, step);
    expect(values.data).toEqual(new Float32Array(12));
    expect(warnings).toEqual(["image.npy is constant; it was made zero"]);
  });

  it("leaves the file's values as they are", () => {
    const image = array([2, 3, 2]);
    prepared(image, volumes, "min-max", "z-score", "scale=2");
    expect(image.values.data).toEqual(counting([2, 3, 2]));
  });

  const affine: Affine = [
    [-2, 0, 0, 90],
    [0, 2, 0, -126],
    [0, 0, 4, -72],
    [0, 0, 0, 1],
  ];

  it("resize keeps the outer faces of the image where they are", () => {
    const image: ImageFile = { ...array([4, 6, 2]), hasSpatialAxes: true, affine };
    const { values, affine: moved } = prepared(image, volumes, "resize=2,3,2");
    expect(values.dims).toEqual([1, 2, 3, 2]);
    // Voxels of 4, 4 and 4 mm; the face at −½ stays at 91, −127 and −74 mm.
    expect(moved).toEqual([
      [-4, 0, 0, 89],
      [0, 4, 0, -125],
      [0, 0, 4, -72],
      [0, 0, 0, 1],
    ]);
  });

  it("resize of a slice leaves the affine's third axis as it is", () => {
    const image: ImageFile = { ...array([4, 6, 1]), hasSpatialAxes: true, affine };
    const { affine: moved } = prepared(image, { lengths: [1, 2, 3], channelsLast: false }, "resize=2,3");
    expect(moved).toEqual([
      [-4, 0, 0, 89],
      [0, 4, 0, -125],
      [0, 0, 4, -72],
      [0, 0, 0, 1],
    ]);
  });
});

describe("steps as text", () => {
  it("are read in their order, and written as they are read", () => {
    const texts = ["rgb", "grey", "min-max", "z-score", "scale=0.5", "mean=1,2", "std=3", "resize=96,96,96"];
    expect(parsePreprocessing(texts).map(stepText)).toEqual(texts);
    expect(parsePreprocessing(["none"])).toEqual([]);
  });

  it.each([
    [
      ["blur=2"],
      "there is no such preprocessing step: expected none, rgb, grey, min-max, z-score, scale=<factor>",
    ],
    [["min-max=2"], "the preprocessing step min-max takes no numbers"],
    [["scale"], "the preprocessing step scale takes one number"],
    [["scale=1,2"], "the preprocessing step scale takes one number"],
    [["mean=1,,2"], "the preprocessing step mean takes numbers"],
    [["std=1,0"], "the preprocessing step std takes numbers above 0"],
    [["resize=2.5"], "the preprocessing step resize takes whole numbers above 0"],
    [["none", "min-max"], '"none" stands for no preprocessing and cannot be combined with other steps'],
  ])("are refused: %j", (texts, message) => {
    expect(() => parsePreprocessing(texts)).toThrow(message);
    expect(() => parsePreprocessing(texts)).toThrow(/, found "/);
  });
});

describe("the preprocessing of a run", () => {
  const zScore = parsePreprocessing(["z-score"]);
  const stated = { steps: zScore, source: "the metadata of net.onnx" };

  it("is the user's, with a note where it replaces the model's", () => {
    const minMax = parsePreprocessing(["min-max"]);
    expect(choosePreprocessing(minMax, undefined)).toEqual({ steps: minMax, origin: "user" });
    expect(choosePreprocessing(zScore, stated)).toEqual({ steps: zScore, origin: "user" });
    expect(choosePreprocessing(minMax, stated)).toEqual({
      steps: minMax,
      origin: "user",
      note: 'the preprocessing "min-max" replaces "z-score", which the metadata of net.onnx states',
    });
    expect(choosePreprocessing([], stated)).toMatchObject({
      steps: [],
      note: expect.stringMatching(/^the preprocessing "none" replaces/),
    });
  });

  it("is else the model's", () => {
    expect(choosePreprocessing(undefined, stated)).toEqual({
      steps: zScore,
      origin: "model",
      note: "images are preprocessed as the metadata of net.onnx states: z-score",
    });
  });

  it("is else none, with a sentence that says so", () => {
    expect(choosePreprocessing(undefined, undefined)).toEqual({
      steps: [],
      origin: "none",
      note: expect.stringContaining("the network gets the values as they are stored"),
    });
  });
});
