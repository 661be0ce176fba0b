import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { readNifti } from "@voxplain/caps-io";
import { type Affine, decodeNpy, identityAffine, tensor } from "@voxplain/core";
import { openFile } from "@voxplain/core/node";
import { decodeModel, encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { nodeRuntime } from "@voxplain/runtime-node";
import { encodeNifti } from "@voxplain/writers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { problemsWith } from "../../../tests/result-schemas.ts";
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
  voxplain("explain", ...argv, "--use_cpu", "--threads", "1", "--output_dir", join(folder, "out"));
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
    const [image, ...numbers] = row?.split("\t") ?? [];
    expect([image, ...numbers.slice(0, 2)]).toEqual([
      "picture.png",
      ...Array(2).fill(`${expected.picture.target}`),
    ]);
    const { logits } = expected.picture;
    const sum = logits.reduce((total: number, logit: number) => total + Math.exp(logit), 0);
    const probabilities = logits.map((logit: number) => Math.exp(logit) / sum);
    expect(numbers.slice(2).map(Number)).toEqual(
      [...logits, ...probabilities].map((value) => expect.closeTo(value, 6)),
    );
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
    // As float32, in which both files hold it.
    if (affine) expect(affine).toEqual(expected.volume.affine.map((row) => row.map(Math.fround)));
    expect(existsSync(join(folder, "out/volume.png"))).toBe(true);
  });

  it.each([
    ["vector", "modalities", "a regressor without an axis of classes, and a NIfTI of two channels"],
    ["points", "slice", "classes in a single point, and a NIfTI of a slice"],
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
    // A NIfTI holds the sum of several channels.
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
      // An exact identity would count as unknown.
      const affine = [
        ...[0, 1, 2].map((axis) => [0, 1, 2, 3].map((k) => (k === axis ? spacing : k === 3 ? -4 : 0))),
        [0, 0, 0, 1],
      ];
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
    [["volume.onnx", "make_onnx.py"], 2, /is not a supported image/],
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

  it("names all that is wrong at once, before a device is looked for", async () => {
    const broken = join(folder, "broken.nii");
    writeFileSync(broken, "no image");
    const scans = join(folder, "scans.nii");
    mkdirSync(scans);
    const { status, errors } = await voxplain(
      ...["explain", fixture("volume.onnx"), fixture("volume.npy"), join(folder, "missing.nii"), scans],
      ...["--output_dir", join(folder, "out"), "--preprocess", "median", "--nifti_template_path", broken],
      ...["--method", "occlusion", "--method_options", "window=0", "--target", "9"],
    );
    expect(status).not.toBe(0);
    const [, count] = /there are (\d) problems:/.exec(errors) ?? [];
    const problems = [
      /there is no file .*missing\.nii \(image\)/,
      /scans\.nii \(image\) is a folder, not a file/,
      /\n {2}\S*broken\.nii: it is not a NIfTI image/,
      /there is no such preprocessing step: .*found "median"/,
      /window must be a number above 0: found 0/,
      /the target class 9 does not exist/,
    ];
    for (const problem of problems) expect(errors).toMatch(problem);
    expect(count).toBe(String(problems.length));
    expect(existsSync(join(folder, "out"))).toBe(false);
  });

  it("keeps an existing folder, unless asked to replace it", async () => {
    const argv = [fixture("volume.onnx"), fixture("volume.npy")];
    await explain(...argv);
    writeFileSync(join(folder, "out/mine.txt"), "mine");
    const again = await explain(...argv);
    expect(again.status).toBe(1);
    expect(again.errors).toMatch(/the result exists; .*--overwrite/);
    expect(existsSync(join(folder, "out/mine.txt"))).toBe(true);
    expect((await explain(...argv, "--overwrite")).status).toBe(0);
    expect(existsSync(join(folder, "out/mine.txt"))).toBe(false);
  });

  it("replaces no folder that is something else than a result (--overwrite)", async () => {
    mkdirSync(join(folder, "out"));
    const argv = [fixture("volume.onnx"), fixture("volume.nii.gz"), "--overwrite"];
    writeFileSync(join(folder, "out/thesis.txt"), "years");
    const { status, errors } = await explain(...argv);
    expect([status, errors]).toEqual([
      1,
      expect.stringMatching(
        /out: it is not an older result, and is not replaced: expected a folder with provenance\.json/,
      ),
    ]);
    expect(readdirSync(join(folder, "out"))).toEqual(["thesis.txt"]);
    rmSync(join(folder, "out/thesis.txt"));
    expect((await explain(...argv)).status).toBe(0);
  });
});

describe("a network with a class for every voxel", () => {
  const dense: Record<
    string,
    { image: string; voxel: number[]; voxels: number; target: number; logits: number[]; gradient: number[] }
  > = JSON.parse(readFileSync(fixture("dense.json"), "utf8"));

  it.each(["voxels mask", "voxels voxel", "pixels mask", "pixels voxel"])(
    "is explained over a mask or at a voxel, as PyTorch does: %s",
    async (name) => {
      const [network, region] = name.split(" ");
      const { image, voxel, target, logits, gradient } = dense[name]!;
      const { status, errors } = await explain(
        ...[fixture(`${network}.onnx`), fixture(`${image}.nii.gz`), "--target", `${target}`],
        ...(region === "mask"
          ? ["--target_mask", fixture(`${image}_mask.nii.gz`)]
          : ["--target_voxel", voxel.join(",")]),
      );
      expect(errors).not.toContain("voxplain:");
      expect(status).toBe(0);
      expect(errors).toContain(
        region === "mask"
          ? `the mean over ${fixture(`${image}_mask.nii.gz`)}`
          : `the voxel ${voxel.join(",")}`,
      );
      expect(relativeError(npy(`${image}.npy`).data as Float32Array, gradient)).toBeLessThan(1e-6);
      const row = written("predictions.tsv").toString().split("\n")[1]!.split("\t");
      for (const [k, logit] of logits.entries()) expect(Number(row[3 + k])).toBeCloseTo(logit, 5);
      // One voxel of two 3×3×3 and 1×1×1 convolutions is reached from 27 voxels at most.
      if (region === "voxel") {
        const reached = gradient.filter((value) => value !== 0).length;
        expect(reached).toBeGreaterThan(0);
        expect(reached).toBeLessThanOrEqual(network === "voxels" ? 54 : 9);
      }
    },
  );

  const mask = (affine: Affine, value = (k: number) => k % 2) => {
    const path = join(folder, "mask.nii");
    const data = Float32Array.from({ length: 120 }, (_, k) => value(k));
    writeFileSync(path, encodeNifti({ data, shape: [5, 6, 4], affine }));
    return path;
  };
  const own = async () =>
    (await readNifti(readFileSync(fixture("modalities_mask.nii.gz")), "mask")).affine ?? identityAffine;

  it.each([
    [
      "coarse.onnx",
      ["--target_voxel", "0,0,0"],
      1,
      /expected \[5, 6, 4\], found \[3, 3, 2\]; explain the mean/,
    ],
    [
      "voxels.onnx",
      ["--target_voxel", "5,0,0"],
      2,
      /the target voxel is outside the image: .* at most 4,5,3, found 5,0,0/,
    ],
    ["voxels.onnx", ["--target_voxel", "1,2"], 2, /the target voxel is outside the image: .* each of 3 axes/],
    [
      "vector.onnx",
      ["--target_voxel", "0,0,0"],
      2,
      /a target voxel chooses among the positions of a dense output/,
    ],
    ["voxels.onnx", ["--target_voxel", "0,0,0", "--target", "1,2,3,1"], 2, /the target is already one value/],
    ["voxels.onnx", ["--target_voxel", "0,0,0", "--target_mask", "m.nii"], 2, /cannot be combined/],
  ])("is refused by name, %s %j", async (network, options, status, message) => {
    const result = await explain(fixture(network), fixture("modalities.nii.gz"), ...options);
    expect(result.errors).toMatch(message);
    expect(result.status).toBe(status);
    expect(existsSync(join(folder, "out"))).toBe(false);
  });

  it("is refused with a mask of a coarser grid's image, of another position, without voxels, and with a classifier", async () => {
    const affine = await own();
    const shifted = affine.map((row, k) => (k === 0 ? [...row.slice(0, 3), row[3] + 4] : row));
    const attempt = async (network: string, path: string) =>
      (await explain(fixture(network), fixture("modalities.nii.gz"), "--target_mask", path)).errors;
    expect(await attempt("coarse.onnx", mask(affine))).toMatch(/another grid.*found \[3, 3, 2\]/);
    expect(await attempt("voxels.onnx", mask(shifted as unknown as Affine))).toMatch(
      /mask\.nii is at another position \(.*\) than .*modalities\.nii\.gz \(/,
    );
    expect(
      await attempt(
        "voxels.onnx",
        mask(affine, () => 0),
      ),
    ).toMatch(/mask\.nii: the mask has no voxel/);
    expect(await attempt("vector.onnx", mask(affine))).toMatch(
      /mask\.nii: a target mask chooses among the positions of a dense output, and this network has one logit/,
    );
    expect(await attempt("voxels.onnx", fixture("slice_mask.nii.gz"))).toMatch(
      /slice_mask\.nii\.gz: the target mask is on another grid .* expected \[5, 6, 4\], found \[7, 9, 1\]/,
    );
    expect(existsSync(join(folder, "out"))).toBe(false);
  });

  it("whose grid is coarser is explained by the mean over it", async () => {
    const { status, errors } = await explain(fixture("coarse.onnx"), fixture("modalities.nii.gz"));
    expect(status).toBe(0);
    expect(errors).toContain("gives a grid of [3, 3, 2] for each class: what is explained is the mean");
  });
});

describe("the affine of a map", () => {
  const template = (affine: Affine, shape: [number, number, number] = [8, 9, 7]) => {
    const path = join(folder, "template.nii");
    const data = new Float32Array(shape[0] * shape[1] * shape[2]);
    writeFileSync(path, encodeNifti({ data, shape, affine }));
    return path;
  };
  const affine: Affine = [
    [1.5, 0, 0, -90],
    [0, 1.5, 0, -126],
    [0, 0, 1.5, -72],
    [0, 0, 0, 1],
  ];
  const volume = (name: string, ...options: string[]) =>
    explain(fixture("volume.onnx"), fixture(name), "--preprocess", "min-max", ...options);
  const affineOfMap = async () => (await readNifti(written("volume.nii.gz"), "volume.nii.gz")).affine;

  it.each(["volume.npy", "volume.pt", "volume.nii.gz"])(
    "is the template's where one is given: %s",
    async (name) => {
      const { status, errors } = await volume(name, "--nifti_template_path", template(affine));
      expect(status).toBe(0);
      expect(await affineOfMap()).toEqual(affine);
      expect(errors).not.toContain("unknown");
      // The image's own is another, and the warning has both.
      expect(
        /the image of .*volume\.nii\.gz has another affine \(.*\) than the template .*\(/.test(errors),
      ).toBe(name === "volume.nii.gz");
    },
  );

  it("is unknown without either: the identity, marked in the header, in provenance.json and by a warning", async () => {
    const { errors } = await volume("volume.npy");
    expect(errors).toMatch(/the position of the voxels of volume is unknown.*--nifti_template_path/);
    expect(await affineOfMap()).toBeUndefined();
    const bytes = gunzipSync(written("volume.nii.gz"));
    const header = new DataView(bytes.buffer, bytes.byteOffset);
    expect(new TextDecoder().decode(bytes.subarray(148, 164))).toBe("position unknown");
    expect(header.getInt16(254, true)).toBe(2);
    expect([280, 300, 320, 284].map((at) => header.getFloat32(at, true))).toEqual([1, 1, 1, 0]);
    const { outputs } = JSON.parse(written("provenance.json").toString());
    expect(outputs).toContainEqual(expect.objectContaining({ file: "volume.nii.gz", position: "unknown" }));
  });

  it("is refused from a template of another shape, or one that gives no position", async () => {
    const other = await volume("volume.nii.gz", "--nifti_template_path", template(affine, [8, 9, 8]));
    expect(other.errors).toMatch(/has 8×9×7 voxels, but the template .*template\.nii has 8×9×8/);
    const array = await volume("volume.npy", "--nifti_template_path", template(affine, [8, 9, 8]));
    expect(array.errors).toMatch(/has 8×9×7 voxels, but the template .*template\.nii has 8×9×8/);
    const identity = await volume("volume.npy", "--nifti_template_path", template(identityAffine));
    expect(identity.errors).toMatch(/cannot be a template: its affine is the identity/);
    expect(existsSync(join(folder, "out"))).toBe(false);
  });

  it("gives the size of windows in millimetres, which an unknown position and an exact identity do not", async () => {
    const window = ["--method", "occlusion", "--method_options", "unit=mm", "window=3", "stride=3"];
    const identity = join(folder, "volume.nii");
    const { data } = await readNifti(readFileSync(fixture("volume.nii.gz")), "volume");
    writeFileSync(identity, encodeNifti({ data, shape: [8, 9, 7], affine: identityAffine }));
    for (const image of [fixture("volume.npy"), identity]) {
      const refused = await explain(fixture("volume.onnx"), image, ...window);
      expect(refused.errors).toMatch(
        /a window in mm needs the size of a voxel, which is unknown; .*--nifti_template_path/,
      );
      const path = template(affine);
      const { status } = await explain(
        fixture("volume.onnx"),
        image,
        ...window,
        "--nifti_template_path",
        path,
      );
      expect(status).toBe(0);
      // Windows of 3 mm are 2 voxels: 4 × 5 × 4 of them.
      expect(new Set(npy("volume.npy").data as Float32Array).size).toBeLessThanOrEqual(80);
      rmSync(join(folder, "out"), { recursive: true });
    }
  });

  it("follows a resize, and a template is on the grid of the map", async () => {
    const half = template(affine, [16, 18, 14]);
    const image = join(folder, "volume.nii");
    const data = Float32Array.from({ length: 16 * 18 * 14 }, (_, k) => Math.sin(k));
    const fine: Affine = [
      [1, 0, 0, 5],
      [0, 1, 0, 6],
      [0, 0, 1, 7],
      [0, 0, 0, 1],
    ];
    writeFileSync(image, encodeNifti({ data, shape: [16, 18, 14], affine: fine }));
    const argv = [fixture("volume.onnx"), image, "--preprocess", "resize=8,9,7"];
    expect((await explain(...argv)).status).toBe(0);
    expect(await affineOfMap()).toEqual([
      [2, 0, 0, 5.5],
      [0, 2, 0, 6.5],
      [0, 0, 2, 7.5],
      [0, 0, 0, 1],
    ]);
    const refused = await explain(...argv, "--overwrite", "--nifti_template_path", half);
    expect(refused.errors).toMatch(/has 8×9×7 voxels, but the template .* has 16×18×14/);
    const placed = await explain(...argv, "--overwrite", "--nifti_template_path", template(affine));
    expect(placed.status).toBe(0);
    expect(await affineOfMap()).toEqual(affine);
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
      `voxplain: ${path}: the gradient is not known of Det "n0", Fancy "n2"; ${needNoGradient}\n`,
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

  it("replaces an ONNX file with --overwrite, and no other file; it names an unknown value", async () => {
    const path = join(folder, "gradient.onnx");
    copyFileSync(fixture("volume.onnx"), path);
    const taken = await voxplain("differentiate", fixture("volume.onnx"), "-o", path);
    expect(taken).toMatchObject({ status: 1, errors: expect.stringContaining("--overwrite") });
    expect(await voxplain("differentiate", path, "-o", path, "--overwrite")).toMatchObject({ status: 0 });
    const table = join(folder, "labels.tsv");
    const device = join(folder, "device");
    writeFileSync(table, "participant_id\tdiagnosis\nsub-01\tAD\n");
    symlinkSync("/dev/null", device);
    for (const other of [table, device, folder]) {
      const mistyped = await voxplain("differentiate", path, "-o", other, "--overwrite");
      expect([mistyped.status, mistyped.errors]).toEqual([
        1,
        `voxplain: ${other}: it is not an ONNX file, and is not replaced; choose another name, or move it away\n`,
      ]);
    }
    expect(readFileSync(table, "utf8")).toContain("sub-01");
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
  expect(problemsWith("inspect", json)).toEqual([]);
  expect(await openFile(fixture("volume.onnx"))).toBeDefined();
});
