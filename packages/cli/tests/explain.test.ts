import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readNifti } from "@voxplain/caps-io";
import { type Affine, decodeNpy, identityAffine, tensor } from "@voxplain/core";
import { openFile } from "@voxplain/core/node";
import { decodeModel, encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { nodeRuntime } from "@voxplain/runtime-node";
import { encodeNifti } from "@voxplain/writers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { needNoGradient } from "./need-no-gradient.ts";
import { voxplain } from "./run-voxplain.ts";

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/onnx/${name}`, import.meta.url));
const expected: Record<
  "picture" | "volume",
  { target: number; logits: number[]; gradient: number[]; affine: number[][] }
> = JSON.parse(readFileSync(fixture("expected.json"), "utf8"));

const outputs: Record<
  "vector" | "points" | "voxels" | "probability",
  { target: number; logits: number[]; gradient: number[] }
> = JSON.parse(readFileSync(fixture("outputs.json"), "utf8"));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-explain-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const explain = (...argv: string[]) =>
  voxplain("explain", ...argv, "--use_cpu", "--output_dir", join(folder, "out"));
const written = (name: string) => readFileSync(join(folder, "out", name));
const npy = (name: string) => decodeNpy(written(name), name);

function relativeError(found: ArrayLike<number>, reference: readonly number[]): number {
  const square = (sum: number, value: number) => sum + value * value;
  const difference = reference.map((value, k) => found[k]! - value).reduce(square, 0);
  return Math.sqrt(difference / reference.reduce(square, 0));
}

const imageNet = ["scale=0.00392156862745098", "mean=0.485,0.456,0.406", "std=0.229,0.224,0.225"];

describe("voxplain explain", () => {
  it("explains the predicted class of a picture, as PyTorch does", async () => {
    const { status, output, errors } = await explain(
      ...[fixture("picture.onnx"), fixture("picture.png"), "--preprocess", ...imageNet],
    );
    expect(errors).not.toContain("voxplain:");
    expect(status).toBe(0);
    expect(output).toBe(`${join(folder, "out")}\n`);
    expect(readdirSync(join(folder, "out")).sort()).toEqual([
      ...["commandline.json", "picture.npy", "picture.png", "predictions.tsv", "provenance.json"],
    ]);
    const map = npy("picture.npy");
    expect(map.dims).toEqual([3, 12, 10]);
    // Float32 against float64, over a few hundred products.
    expect(relativeError(map.data as Float32Array, expected.picture.gradient)).toBeLessThan(1e-6);
    const [header, row] = written("predictions.tsv").toString().trimEnd().split("\n");
    expect(header).toBe(
      "image\texplained_class\tpredicted_class\tlogit0\tlogit1\tlogit2\tproba0\tproba1\tproba2",
    );
    expect(row!.split("\t").slice(0, 3)).toEqual([
      "picture.png",
      ...Array(2).fill(`${expected.picture.target}`),
    ]);
    expect(Number(row!.split("\t")[3])).toBeCloseTo(expected.picture.logits[0]!, 5);
  });

  it.each(["nii.gz", "npy", "pt"])("explains a volume from a .%s", async (ending) => {
    const { status } = await explain(
      fixture("volume.onnx"),
      fixture(`volume.${ending}`),
      "--preprocess",
      "min-max",
    );
    expect(status).toBe(0);
    expect(relativeError(npy("volume.npy").data as Float32Array, expected.volume.gradient)).toBeLessThan(
      1e-6,
    );
    const { affine, shape } = await readNifti(written("volume.nii.gz"), "volume.nii.gz");
    expect(shape).toEqual([8, 9, 7]);
    // The position of an array is unknown, which its map records.
    expect(affine !== undefined).toBe(ending === "nii.gz");
    for (const [k, row] of (affine ? expected.volume.affine : []).entries()) {
      for (const [j, value] of row.entries()) expect(affine![k]![j]).toBeCloseTo(value, 4);
    }
    expect(existsSync(join(folder, "out/volume.png"))).toBe(true);
  });

  it.each([
    ["vector", "modalities", "a regressor without an axis of classes, and a NIfTI of two channels"],
    ["points", "slice", "classes that lie in one point, and a NIfTI of a slice"],
    ["voxels", "modalities", "a class for every voxel, by the mean over the voxels"],
    ["probability", "slice", "one probability, by its logit"],
  ] as const)("explains %s.onnx with %s.nii.gz: %s", async (network, image, _claim) => {
    const { logits, gradient, ...frozen } = outputs[network];
    // The raw value of a single output is the score of class 1.
    const target = logits.length === 1 ? 1 : frozen.target;
    const { status, errors } = await explain(
      ...[fixture(`${network}.onnx`), fixture(`${image}.nii.gz`), "--target", `${target}`],
    );
    expect(errors).not.toContain("voxplain:");
    expect(status).toBe(0);
    const map = npy(`${image}.npy`);
    expect(map.dims).toEqual(image === "slice" ? [1, 7, 9] : [2, 5, 6, 4]);
    expect(relativeError(map.data as Float32Array, gradient)).toBeLessThan(1e-6);
    const row = written("predictions.tsv").toString().split("\n")[1]!.split("\t");
    expect(Number(row[1])).toBe(target);
    for (const [k, logit] of logits.entries()) expect(Number(row[3 + k])).toBeCloseTo(logit, 5);
    // Of several channels a NIfTI holds the sum.
    const { data, shape, affine } = await readNifti(written(`${image}.nii.gz`), image);
    expect(shape).toEqual(image === "slice" ? [7, 9, 1] : [5, 6, 4]);
    expect(affine![0]![3]).toBeCloseTo(20, 4);
    const size = data.length;
    const sums = Array.from({ length: size }, (_, k) =>
      gradient.reduce((sum, value, at) => (at % size === k ? sum + value : sum), 0),
    );
    expect(relativeError(data, sums)).toBeLessThan(1e-6);
    expect(errors.includes("the mean over its positions")).toBe(network === "voxels");
  });

  it("explains both classes of a network of one logit: class 0 by the negative", async () => {
    const argv = [fixture("probability.onnx"), fixture("slice.nii.gz"), "--overwrite"];
    const { logits, gradient } = outputs.probability;
    const [logit = Number.NaN] = logits;
    const p = 1 / (1 + Math.exp(-logit));
    const explained: Record<string, string> = { "--target=0": "0", "--target=1": "1" };
    for (const [option, target] of [
      ...Object.entries(explained),
      [undefined, logit < 0 ? "0" : "1"] as const,
    ]) {
      expect((await explain(...argv, ...(option === undefined ? [] : [option]))).status).toBe(0);
      const sign = target === "0" ? -1 : 1;
      const wanted = gradient.map((value) => sign * value);
      expect(relativeError(npy("slice.npy").data as Float32Array, wanted)).toBeLessThan(1e-6);
      const [header, row] = written("predictions.tsv").toString().trimEnd().split("\n");
      expect(header).toBe("image\texplained_class\tpredicted_class\tlogit0\tproba0\tproba1");
      const [, ...values] = row!.split("\t");
      expect(values.slice(0, 2)).toEqual([target, logit < 0 ? "0" : "1"]);
      expect(values.slice(2).map(Number)).toEqual([logit, 1 - p, p].map((value) => expect.closeTo(value, 5)));
    }
  });

  it("explains images of several sizes and voxel sizes, where the network takes any", async () => {
    const graph = graphBuilder("any");
    const image = graph.input("image", "float32", ["batch", 1, "x", "y", "z"]);
    const squares = graph.add("GlobalAveragePool", [graph.add("Mul", [image, image])]);
    graph.output(graph.add("Flatten", [squares], {}, { outputs: ["mean"] }), "float32", ["batch", 1]);
    const model = join(folder, "any.onnx");
    writeFileSync(model, (await encodeModel(modelOf(graph.build()))).proto);
    const spacings = [1, 2, 4];
    const images = spacings.map((spacing) => {
      const path = join(folder, `mm${spacing}.nii`);
      const shape: [number, number, number] = [8 / spacing + 1, 4, 4];
      const data = new Float32Array(shape[0] * 16).fill(1);
      const affine = identityAffine.map((row, k) => (k < 3 ? row.map((value) => value * spacing) : row));
      writeFileSync(path, encodeNifti({ data, shape, affine: affine as unknown as Affine }));
      return path;
    });
    const window = ["--method", "occlusion", "--method_options", "unit=mm", "window=4", "stride=4"];
    const { status, errors } = await explain(model, ...images, ...window);
    expect(errors).not.toContain("voxplain:");
    expect(status).toBe(0);
    for (const spacing of spacings) {
      const { dims, data } = npy(`mm${spacing}.npy`);
      expect(dims).toEqual([1, 8 / spacing + 1, 4, 4]);
      // A window of 4 mm has (4 / spacing)³ voxels, each of which is its share of the mean.
      expect(Number(data[0])).toBeCloseTo((4 / spacing) ** 3 / ((8 / spacing + 1) * 16), 6);
    }
  });

  it("takes any method, class and layer", async () => {
    const argv = [fixture("volume.onnx"), fixture("volume.npy"), "--target", "2"];
    const { status, errors } = await explain(...argv, "--method", "grad-cam");
    expect(errors).not.toContain("voxplain:");
    expect(status).toBe(0);
    expect(npy("volume.npy").dims).toEqual([1, 8, 9, 7]);
    expect(JSON.parse(written("commandline.json").toString())).toMatchObject({
      method: "grad-cam",
      target: 2,
    });
  });

  it.each([
    [["volume.onnx", "picture.png"], 1, /picture.png: .* expected a 3D image, found \[3, 12, 10\]/],
    [
      ["volume.onnx", "volume.npy", "--preprocess", "resize=9"],
      1,
      /expected \[1, 8, 9, 7\], found \[1, 9, 9, 9\] after resize=9; the preprocessing step resize=8,9,7 interpolates/,
    ],
    [
      ["volume.onnx", "volume.npy", "--preprocess", "blur=2"],
      2,
      /no such preprocessing step: expected none, rgb, grey, min-max, z-score, .*, found "blur=2"/,
    ],
    [["volume.onnx", "volume.npy", "--target", "3"], 2, /target class 3 does not exist.*0 to 2/],
    [["volume.onnx", "volume.npy", "volume.pt"], 2, /would both write volume.npy/],
    [["volume.onnx", "make_onnx.py"], 2, /is no image that can be read/],
    [
      ["volume.onnx", "a.hdr"],
      2,
      /a\.hdr is one of the two files of a pair \(\.hdr and \.img\), .* \.nii or \.nii\.gz/,
    ],
    [["volume.onnx", "a.img.gz"], 2, /a\.img\.gz is one of the two files of a pair/],
    [["expected.json", "volume.npy"], 1, /expected.json/],
    [["volume.onnx", "nothing.npy"], 1, /no file .*nothing.npy/],
  ])("says what is wrong with %j, and leaves nothing", async ([model = "", ...rest], status, message) => {
    const argv = rest.map((word) =>
      /^(volume|picture|make|expected|nothing)/.test(word) ? fixture(word) : word,
    );
    const result = await explain(fixture(model), ...argv);
    expect(result.errors).toMatch(message);
    expect(result.errors).not.toMatch(/\n\s+at /);
    expect(result.status).toBe(status);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("keeps a folder that is there already, unless told otherwise", async () => {
    const argv = [fixture("volume.onnx"), fixture("volume.npy")];
    await explain(...argv);
    writeFileSync(join(folder, "out/mine.txt"), "mine");
    const again = await explain(...argv);
    expect(again.status).toBe(1);
    expect(again.errors).toMatch(/already.*--overwrite/);
    expect(existsSync(join(folder, "out/mine.txt"))).toBe(true);
    expect((await explain(...argv, "--overwrite")).status).toBe(0);
    expect(existsSync(join(folder, "out/mine.txt"))).toBe(false);
  });
});

describe("operators without a gradient", () => {
  const model = (operators: readonly string[]) => {
    const graph = graphBuilder("odd");
    const image = graph.input("image", "float32", ["batch", 1, 8, 9, 7]);
    const flat = graph.add("Flatten", [image]);
    const last = operators.reduce(
      (value, operator, k) => graph.add(operator, [value], {}, { name: `n${k}`, domain: "" }),
      flat,
    );
    graph.output(graph.add("Identity", [last], {}, { outputs: ["scores"] }), "float32", ["batch", 504]);
    return graph.build();
  };
  const write = async (operators: readonly string[]) => {
    const path = join(folder, "odd.onnx");
    writeFileSync(path, (await encodeModel(modelOf(model(operators)))).proto);
    return path;
  };

  it("are all named before anything runs, also those that ONNX Runtime does not know either", async () => {
    const path = await write(["Det", "Exp", "Fancy"]);
    const { status, errors } = await explain(path, fixture("volume.npy"));
    expect(status).toBe(1);
    expect(errors).toContain(
      `voxplain: the gradient is not known of Det "n0", Fancy "n2"; ${needNoGradient}\n`,
    );
    expect(existsSync(join(folder, "out"))).toBe(false);
  });

  it("do not keep occlusion from comparing logits", async () => {
    // ONNX Runtime runs Hardmax, which has a gradient nowhere, on any shape.
    const path = await write(["Hardmax"]);
    const argv = [path, fixture("volume.npy"), "--method"];
    expect((await explain(...argv, "gradients")).errors).toContain("has no gradient with respect to");
    const occluded = await explain(...argv, "occlusion", "--method_options", "window=5");
    expect(occluded).toMatchObject({ status: 0 });
  });
});

describe("voxplain differentiate", () => {
  it("writes a model that any ONNX Runtime runs", async () => {
    const path = join(folder, "gradient.onnx");
    const { status, output } = await voxplain("differentiate", fixture("volume.onnx"), "-o", path);
    expect(status).toBe(0);
    expect(output).toContain("feed:  image, cotangent:probabilities");
    expect(output).toContain("fetch: gradient:image (of image)");
    expect(readdirSync(folder)).toEqual(["gradient.onnx"]);

    const model = await decodeModel(readFileSync(path), { name: path });
    const session = await nodeRuntime({ executionProvider: "cpu" }).createSession(await encodeModel(model));
    const values = npyOf("volume.npy");
    const { "gradient:image": gradient } = await session.run({
      image: tensor("float32", [1, 1, 8, 9, 7], values),
      "cotangent:probabilities": tensor("float32", [1, 3], Float32Array.of(0, 1, 0)),
    });
    await session.release();
    expect(gradient?.dims).toEqual([1, 1, 8, 9, 7]);
    expect(Array.from(gradient?.data as Float32Array).some((value) => value !== 0)).toBe(true);
  });

  it("counts the images that are fed where constant sizes count one and the batch is free", async () => {
    const graph = graphBuilder("enlarging");
    const x = graph.input("x", "float32", ["n", 1, 2, 3]);
    const enlarged = graph.add("Resize", [x, "", "", graph.int64([1, 1, 4, 6])], { mode: "linear" });
    const squared = graph.add("Flatten", [graph.add("Mul", [enlarged, enlarged])]);
    graph.output(graph.add("ReduceMean", [squared], { axes: [1] }, { outputs: ["y"] }), "float32", ["n", 1]);
    const [path, to] = [join(folder, "enlarging.onnx"), join(folder, "gradient.onnx")];
    writeFileSync(path, (await encodeModel(modelOf(graph.build()), { externalData: "inline" })).proto);
    expect(await voxplain("differentiate", path, "-o", to)).toMatchObject({ status: 0 });
    const model = await decodeModel(readFileSync(to), { name: to });
    const session = await nodeRuntime({ executionProvider: "cpu" }).createSession(await encodeModel(model));
    const gradientOf = async (...images: readonly number[]) => {
      const values = Float32Array.from({ length: 6 * images.length }, (_, k) => images[Math.floor(k / 6)]!);
      const result = await session.run({
        x: tensor("float32", [images.length, 1, 2, 3], values),
        "cotangent:y": tensor("float32", [images.length, 1], new Float32Array(images.length).fill(1)),
      });
      return Array.from(result["gradient:x"]?.data as Float32Array);
    };
    // A constant image stays constant: the gradient of the mean of squares is 2 c, shared by all places.
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    expect(sum(await gradientOf(3))).toBeCloseTo(6, 5);
    const both = await gradientOf(3, 5);
    expect(sum(both.slice(0, 6))).toBeCloseTo(6, 5);
    expect(sum(both.slice(6))).toBeCloseTo(10, 5);
    await session.release();
  });

  it("refuses to replace a file, and names a value that is not there", async () => {
    const path = join(folder, "gradient.onnx");
    copyFileSync(fixture("volume.onnx"), path);
    const taken = await voxplain("differentiate", fixture("volume.onnx"), "-o", path);
    expect(taken).toMatchObject({ status: 1, errors: expect.stringContaining("--overwrite") });
    const unknown = await voxplain("differentiate", path, "-o", join(folder, "x.onnx"), "--of", "logitz");
    expect(unknown).toMatchObject({ status: 2, errors: expect.stringContaining('no value "logitz"') });
  });
});

const npyOf = (name: string) => decodeNpy(readFileSync(fixture(name)), name).data as Float32Array;

it("voxplain inspect model.onnx lists inputs, outputs and layers with their shapes", async () => {
  const { status, output } = await voxplain("inspect", fixture("volume.onnx"));
  expect(status).toBe(0);
  expect(output).toContain("input      image: float32 [batch, 1, 8, 9, 7]");
  expect(output).toMatch(/MaxPool\s+\[batch, 4, 4, 4, 3\]/);
  const json = JSON.parse((await voxplain("inspect", fixture("volume.onnx"), "--json")).output);
  expect(json.outputs).toEqual([{ name: "probabilities", dtype: "float32", dims: ["batch", 3] }]);
  expect(json.opset).toBe(13);
  expect(await openFile(fixture("volume.onnx"))).toBeDefined();
});
