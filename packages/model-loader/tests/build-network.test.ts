import { eager, type LazyTensor, tensor } from "@voxplain/core";
import { inferShapes } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { type ArchitectureSettings, architectures, buildNetwork, type StateDict } from "../src/index.ts";
import { networkFixture } from "./network-fixtures.ts";

/** A weight that must not be read. */
function unread(dims: readonly number[], dtype: LazyTensor["dtype"] = "float32"): LazyTensor {
  const refuse = () => {
    throw new Error("a weight was read");
  };
  return { dtype, dims, read: refuse, chunks: refuse };
}

const down = networkFixture("conv5_fc3_down");
const drawn = networkFixture("random_3d_batch_pool");

/** A state dict with some entries replaced, or taken out where undefined. */
function changed(base: StateDict, changes: Readonly<Record<string, LazyTensor | undefined>>): StateDict {
  const entries = [...new Map<string, LazyTensor | undefined>([...base, ...Object.entries(changes)])];
  return new Map(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])));
}

const build = (stateDict: StateDict, settings: ArchitectureSettings = down.settings, dims = down.inputDims) =>
  buildNetwork(settings, stateDict, dims);

describe("buildNetwork", () => {
  it("makes the tensors of the state dict the graph's initializers, without reading them", () => {
    const weights = new Map([...down.stateDict].map(([key, { dims }]) => [key, unread(dims)]));
    const { initializers } = build(weights).model.graph;
    for (const [key, weight] of weights) expect(initializers.get(key)).toBe(weight);
  });

  it("names nodes and values after the layers of the state dict", () => {
    const { nodes } = build(down.stateDict).model.graph;
    expect(nodes.slice(0, 4).map(({ name, opType, outputs }) => [name, opType, outputs])).toEqual([
      ["features.0", "Conv", ["features.0"]],
      ["features.1", "BatchNormalization", ["features.1"]],
      ["features.2", "Relu", ["features.2"]],
      ["features.3.pad", "Pad", ["features.3.pad"]],
    ]);
    expect(nodes.slice(-4).map(({ name, opType, outputs }) => [name, opType, outputs])).toEqual([
      ["classifier.3", "Relu", ["classifier.3"]],
      ["classifier.4", "Gemm", ["classifier.4"]],
      ["classifier.5", "Relu", ["classifier.5"]],
      ["classifier.6", "Gemm", ["logits"]],
    ]);
  });

  it("pads odd axes in front, and only those", () => {
    const { model } = build(down.stateDict);
    const pads = new Map(
      model.graph.nodes
        .filter(({ opType }) => opType === "Pad")
        .map(({ name, inputs }) => {
          const amounts = model.graph.initializers.get(inputs[1]!);
          return [name, amounts && "data" in amounts ? Array.from(amounts.data, Number) : undefined];
        }),
    );
    // 85×104×90 → 43×52×45 → 22×26×23 → 11×13×12 → 6×7×6 → 3×4×3
    expect(Object.fromEntries(pads)).toEqual({
      "features.3.pad": [0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
      "features.7.pad": [0, 0, 1, 0, 1, 0, 0, 0, 0, 0],
      "features.11.pad": [0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
      "features.15.pad": [0, 0, 1, 1, 0, 0, 0, 0, 0, 0],
      "features.19.pad": [0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
    });
    expect(inferShapes(model).get("features.19")?.dims).toEqual(["batch", 128, 3, 4, 3]);
  });

  it("counts the learnt numbers as PyTorch does: no running statistics, every layer", () => {
    // Conv5_FC3: 8·27+8 + 16·216+16 + … ; 41.9 million of them in the first fully connected layer.
    expect(networkOf("conv5_fc3").parameterCount).toBe(42_293_972);
    expect(networkOf("vconv5_fc3").parameterCount).toBe(84_228_072);
    expect(networkOf("resnet18").parameterCount).toBe(11_691_514);
  });

  it("takes the prefix of DataParallel off, and does without BatchNorm's counts", () => {
    const parallel = new Map([...down.stateDict].map(([key, weight]) => [`module.${key}`, weight]));
    parallel.set("module.features.1.num_batches_tracked", eager(tensor("int64", [], BigInt64Array.of(5n))));
    expect(build(parallel).parameterCount).toBe(build(down.stateDict).parameterCount);
  });

  it("ends in two logits where a network predicts atlas intensities too", () => {
    const { settings, stateDict, inputDims } = networkFixture("random_3d_none_pool_atlas");
    const network = buildNetwork(settings, stateDict, inputDims);
    expect(network.classCount).toBe(2);
    const all = buildNetwork({ ...settings, predictAtlasIntensities: undefined }, stateDict, inputDims);
    expect(all.classCount).toBe(7);
  });

  it("knows every architecture by name", () => {
    expect(architectures).toEqual({
      "0.2": [
        "Conv5_FC3",
        "Conv5_FC3_mni",
        "Conv5_FC3_down",
        "Conv6_FC3",
        "VConv5_FC3",
        "Conv4_FC3",
        "resnet18",
        "ConvNet",
        "RandomArchitecture",
      ],
      "1.x": [
        "Conv5_FC3",
        "Conv4_FC3",
        "Stride_Conv5_FC3",
        "resnet18",
        "ResNet3D",
        "SqueezeExcitationCNN",
        "Conv5_FC3_SSDA",
        "RandomArchitecture",
      ],
    });
  });
});

describe("weights that do not fit", () => {
  it("are named all at once: missing, unexpected and misshapen", () => {
    const weights = changed(down.stateDict, {
      "features.0.bias": undefined,
      "features.5.running_var": undefined,
      "features.4.weight": unread([16, 8, 5, 5, 5]),
      "classifier.6.bias": unread([3]),
      "extra.weight": unread([1]),
    });
    expect(() => build(weights)).toThrow(
      "the weights do not fit Conv5_FC3_down: missing: features.0.bias, features.5.running_var; " +
        "unexpected: extra.weight; wrong shape: features.4.weight [16, 8, 5, 5, 5] in place of [16, 8, 3, 3, 3], " +
        "classifier.6.bias [3] in place of [2]",
    );
  });

  it("are named up to a dozen, then counted", () => {
    expect(() => build(new Map([["a", unread([1])]]))).toThrow(
      /missing: features\.0\.weight.* and 24 more; unexpected: a/,
    );
  });

  it("are recognized as those of another architecture", () => {
    const settings = { architecture: "Conv5_FC3" };
    const dims = [1, 169, 208, 179];
    expect(() => build(networkFixture("conv5_fc3_mni").stateDict, settings, dims)).toThrow(
      "classifier.2.weight [1300, 10240] in place of [1300, 32256]; they fit Conv5_FC3_mni, which takes inputs of 1×121×145×121",
    );
    expect(() => build(networkFixture("conv6_fc3").stateDict, settings, dims)).toThrow("they fit Conv6_FC3");
  });

  it("of a 2D network are distinguished from those of a 3D one", () => {
    const flat = networkFixture("random_2d_batch_pool");
    expect(() => buildNetwork(flat.settings, flat.stateDict, [1, 33, 47, 20])).toThrow(
      "they are those of a 2D network, but the input of 1×33×47×20 is 3D",
    );
  });

  it("for inputs of another size say so", () => {
    expect(() => buildNetwork(drawn.settings, drawn.stateDict, [1, 21, 26, 30])).toThrow(
      /another size than 1×21×26×30, which leaves 384 features where 288 are needed/,
    );
  });

  it("that are integers are refused", () => {
    const weights = changed(down.stateDict, { "features.0.bias": unread([8], "int64") });
    expect(() => build(weights)).toThrow(
      "the weight features.0.bias has the wrong type: expected floating-point numbers, found int64",
    );
  });
});

describe("an input that does not fit", () => {
  it.each([
    [
      "conv5_fc3",
      [1, 121, 145, 121],
      "an input of 1×121×145×121 does not fit Conv5_FC3, which takes inputs of 1×169×208×179",
    ],
    [
      "conv5_fc3",
      [1, 208, 169, 179],
      "before the fully connected layers: expected 128×6×7×6, found 128×7×6×6",
    ],
    [
      "conv5_fc3_down",
      [1, 128, 128],
      "wrong size of the input of Conv5_FC3_down: expected 1×85×104×90, found 1×128×128; ConvNet would fit",
    ],
    ["resnet18", [1, 224, 224], "wrong size of the input of resnet18: expected 3×224×224, found 1×224×224"],
    ["convnet", [1, 16, 16], "nothing is left of it after features.24"],
    [
      "conv4_fc3",
      [1, 4, 50, 50],
      "an input of 1×4×50×50 is too small for this network: nothing is left of it after features.4",
    ],
    [
      "random_2d_batch_pool",
      [33, 47],
      "the input is not an image for RandomArchitecture: expected [C, X, Y, Z] or [C, H, W], found 33×47",
    ],
    ["random_2d_batch_pool", [1, 0, 47], "an input cannot be of 1×0×47"],
  ])("%s at %j is an error that names both sizes", (name, dims, message) => {
    const { settings, stateDict } = networkFixture(name);
    expect(() => buildNetwork(settings, stateDict, dims)).toThrow(message);
  });

  it("may be of another size where the same grid of features is left", () => {
    const { inputDims } = build(down.stateDict, down.settings, [1, 86, 104, 90]);
    expect(inputDims).toEqual([1, 86, 104, 90]);
  });
});

describe("a network of ClinicaDL 1.x", () => {
  const pooled = networkFixture("maps_conv5_fc3");
  const slices = networkFixture("maps_resnet18");
  const residual = networkFixture("maps_resnet3d");

  it("is another one than that of the same name in 0.2", () => {
    const { stateDict, inputDims, settings } = networkFixture("maps_conv4_fc3");
    expect(() => build(stateDict, { architecture: "Conv4_FC3" }, [1, 50, 50, 50])).toThrow(
      "the weights do not fit Conv4_FC3: missing: features.0.weight",
    );
    expect([...build(stateDict, settings, inputDims).model.graph.initializers.keys()]).toContain(
      "convolutions.0.weight",
    );
  });

  it("has layers that bear the names of its state dict", () => {
    const { nodes } = build(residual.stateDict, residual.settings, residual.inputDims).model.graph;
    expect(nodes.slice(0, 8).map(({ name, opType }) => [name, opType])).toEqual([
      ["convolutions.0.0.conv1", "Conv"],
      ["convolutions.0.0.bn1", "BatchNormalization"],
      ["convolutions.0.0.act1", "Elu"],
      ["convolutions.0.0.conv2", "Conv"],
      ["convolutions.0.0.bn2", "BatchNormalization"],
      ["convolutions.0.0.shortcut.0", "Conv"],
      ["convolutions.0.0.add", "Add"],
      ["convolutions.0.0.act2", "Elu"],
    ]);
  });

  it("leaves the heads of the other domains unused", () => {
    const { stateDict, settings, inputDims } = networkFixture("maps_conv5_fc3_ssda");
    const { model, parameterCount } = build(stateDict, settings, inputDims);
    const used = [...model.graph.initializers.keys()].filter((key) => key.startsWith("fc_"));
    expect(used.every((key) => key.startsWith("fc_class_target."))).toBe(true);
    // Convolutions and BatchNorm of 294,720 numbers, and three heads: 1024·1300 + 1300 + 1300·50 + 50 + 50·2 + 2 each.
    expect(parameterCount).toBe(294_720 + 3 * 1_397_652);
  });

  it("of images of another size names both sizes, and the features that each leaves", () => {
    expect(() => build(pooled.stateDict, pooled.settings, [1, 169, 208, 179])).toThrow(
      "wrong shape: fc.2.weight [1300, 1024] in place of [1300, 32256]; all others fit: the network was trained on inputs of " +
        "1×37×44×33, not of 1×169×208×179, which leaves 32256 features where 1024 are needed",
    );
  });

  it("that averages over its whole grid refuses a size that would leave another grid, though all weights fit", () => {
    expect(() => build(slices.stateDict, slices.settings, [3, 100, 104])).toThrow(
      "an input of 3×100×104 does not fit resnet18, which takes inputs of 3×69×104: wrong shape before the fully connected " +
        "layers: expected 512×3×4, found 512×4×4",
    );
    // In a window of 3×4 all the same.
    expect(build(slices.stateDict, slices.settings, [3, 70, 100]).inputDims).toEqual([3, 70, 100]);
  });

  it.each([
    [
      slices,
      [3, 69, 104, 80],
      "the input is not an image for resnet18: expected [C, H, W], found 3×69×104×80",
    ],
    [residual, [1, 63, 70], "the input is not an image for ResNet3D: expected [C, X, Y, Z], found 1×63×70"],
  ])("takes images of its own number of axes", ({ stateDict, settings }, dims, message) => {
    expect(() => build(stateDict, settings, dims)).toThrow(message);
  });

  it("whose outputs are not as many as were recorded is refused", () => {
    expect(() => build(pooled.stateDict, { ...pooled.settings, outputSize: 3 }, pooled.inputDims)).toThrow(
      "wrong shape: fc.6.weight [2, 50] in place of [3, 50], fc.6.bias [2] in place of [3]",
    );
  });

  it("has two outputs where ClinicaDL makes two whatever was asked for", () => {
    const settings = { ...residual.settings, outputSize: 3 };
    expect(build(residual.stateDict, settings, residual.inputDims).classCount).toBe(2);
  });

  it("of another name whose weights these are is named", () => {
    const settings = { ...pooled.settings, architecture: "Stride_Conv5_FC3" };
    expect(() => build(pooled.stateDict, settings, pooled.inputDims)).toThrow(/; they fit Conv5_FC3$/);
  });

  it.each([
    "AE_Conv5_FC3",
    "AE_Conv4_FC3",
    "CAE_half",
    "GeneratorUNet",
    "CVAE_3D",
    "CVAE_3D_half",
    "CVAE_3D_final_conv",
    "VanillaDenseVAE",
    "VanillaSpatialVAE",
    "Vanilla3DVAE",
    "Vanilla3DspacialVAE",
    "Vanilla3DdenseVAE",
  ])("that gives an image back is refused by its name: %s", (architecture) => {
    expect(() => build(pooled.stateDict, { ...pooled.settings, architecture }, pooled.inputDims)).toThrow(
      `the network ${architecture} gives an image back instead of classes or a number`,
    );
  });

  it.each(["MyNet", "Conv6_FC3", "constructor"])("that is unknown is refused: %s", (architecture) => {
    expect(() => build(pooled.stateDict, { ...pooled.settings, architecture }, pooled.inputDims)).toThrow(
      new RegExp(`expected one of Conv5_FC3, .*Conv5_FC3_SSDA, RandomArchitecture, found "${architecture}"`),
    );
  });
});

describe("an architecture that is not known", () => {
  it.each(["MyNet", "constructor", "AutoEncoder"])("%s is refused with what helps", (architecture) => {
    expect(() => build(down.stateDict, { architecture })).toThrow(
      new RegExp(
        `cannot be rebuilt from its weights: expected one of Conv5_FC3, .*found "${architecture}"; .*model_best\\.onnx`,
      ),
    );
  });
});

function networkOf(name: string) {
  const { settings, stateDict, inputDims } = networkFixture(name);
  return buildNetwork(settings, stateDict, inputDims);
}
