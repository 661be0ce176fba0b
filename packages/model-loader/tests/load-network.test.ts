import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type FileSource, tensor } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import {
  encodeModel,
  type Graph,
  type GraphBuilder,
  graphBuilder,
  inferShapes,
  modelOf,
} from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { type LoadedNetwork, loadNetwork, openModelFolder } from "../src/index.ts";
import { commandline, memoryModelFolder } from "./memory-model-folder.ts";
import { spread } from "./portable-random.ts";

const folders = fileURLToPath(new URL("fixtures/folders/", import.meta.url));
const expected: {
  inputDims: number[];
  input: string;
  logits: Record<string, number[]>;
  parameterCount: number;
} = JSON.parse(readFileSync(`${folders}expected.json`, "utf8"));
const { inputDims } = expected;

async function load(name: string, fold: number, selection: string): Promise<LoadedNetwork> {
  return loadNetwork(await openModelFolder(directory(`${folders}${name}`)), fold, selection, { inputDims });
}

/** Logits of the same image `batch` times. */
async function logitsOf({ model, input, logits }: LoadedNetwork, batch = 1): Promise<number[]> {
  const image = spread(expected.input, 990, 0.5, 0.5);
  const images = new Float32Array(batch * image.length);
  for (let k = 0; k < batch; k++) images.set(image, k * image.length);
  const session = await directRuntime().createSession(await encodeModel(model));
  try {
    const results = await session.run({ [input]: tensor("float32", [batch, ...inputDims], images) });
    return Array.from(results[logits]?.data ?? [], Number);
  } finally {
    await session.release();
  }
}

/** Float32 against float64, logits of the order of 0.1. Weights rounded to 16 bits move them by 5e-5 and more. */
function expectLogits(found: readonly number[], exact: readonly number[] | undefined): void {
  expect(found).toHaveLength(exact?.length ?? 0);
  for (const [k, value] of exact?.entries() ?? []) expect(Math.abs(found[k]! - value)).toBeLessThan(1e-7);
}

/** Loads a graph from a model folder in memory. */
async function loadGraph(
  graph: Graph,
  dims: readonly number[],
  settings: Record<string, unknown> = commandline,
  opset = 17,
): Promise<LoadedNetwork> {
  const model = modelOf(graph, { opsets: { "": opset } });
  const { proto } = await encodeModel(model, { externalData: "inline" });
  const files = { "commandline.json": settings, "fold-0/models/best_loss/model_best.onnx": proto };
  return loadNetwork(await openModelFolder(memoryModelFolder(files)), 0, "best_loss", { inputDims: dims });
}

describe("a checkpoint", () => {
  it("of a MAPS is computed as PyTorch does, with its epoch", async () => {
    const network = await load("maps", 0, "loss");
    expect(network).toMatchObject({
      file: "split-0/best-loss/model.pth.tar",
      epoch: 4,
      weightsKeys: ["model"],
    });
    expect(network.notes).toBeUndefined();
    const exact = expected.logits.maps ?? [];
    const found = await logitsOf(network);
    // Float32 against float64.
    expect(Math.hypot(...found.map((value, k) => value - exact[k]!)) / Math.hypot(...exact)).toBeLessThan(
      5e-7,
    );
  });

  it.each([
    ["the zip container of torch ≥ 1.6", "modern", 2, "best_loss", "float32", 7],
    [
      "the legacy stream of an old DataParallel training, with old names",
      "old",
      0,
      "best_loss",
      "float32",
      41,
    ],
    ["weights in double precision", "types", 0, "float64", "float32", 1],
    ["weights in half precision", "types", 0, "float16", "float16", 1],
    ["weights in bfloat16", "types", 0, "bfloat16", "bfloat16", 1],
    ["a bare state dict", "types", 0, "bare", "float32", undefined],
  ])("is computed as PyTorch does: %s", async (_, name, fold, selection, precision, epoch) => {
    const network = await load(name, fold, selection);
    expectLogits(await logitsOf(network), expected.logits[precision]);
    expect(network.epoch).toBe(epoch);
    expect(network).toMatchObject({
      architecture: "RandomArchitecture",
      classCount: 2,
      inputDims,
      parameterCount: expected.parameterCount,
      file: `fold-${fold}/models/${selection}/model_best.pth.tar`,
    });
  });

  it("says which file does not fit an input of another size, and by how much", async () => {
    const folder = await openModelFolder(directory(`${folders}modern`));
    const loading = loadNetwork(folder, 0, "best_loss", { inputDims: [1, 9, 13, 10] });
    await expect(loading).rejects.toThrow(
      /modern\/fold-0\/models\/best_loss\/model_best.pth.tar: .*classifier\.FC0\.0\.weight \[5, 81\] in place of \[5, 108\].*another size than 1×9×13×10/,
    );
  });

  it("that is truncated is an error that names the file", async () => {
    const bytes = readFileSync(`${folders}modern/fold-0/models/best_loss/model_best.pth.tar`);
    const file = "fold-0/models/best_loss/model_best.pth.tar";
    const source = memoryModelFolder({ "commandline.json": commandline, [file]: bytes.subarray(0, 5000) });
    const loading = loadNetwork(await openModelFolder(source), 0, "best_loss", { inputDims });
    await expect(loading).rejects.toThrow(`/models/mine/${file}`);
  });
});

describe("an exported network", () => {
  it.each(["free_batch", "beside", "external"])("is computed as PyTorch does: %s", async (selection) => {
    const network = await load("exported", 0, selection);
    expectLogits(await logitsOf(network), expected.logits.float32);
    expect(network).toMatchObject({
      architecture: "MyOwnNetwork",
      classCount: 2,
      inputDims,
      input: "image",
      file: `fold-0/models/${selection}/model_best.onnx`,
    });
  });

  it("takes batches of any length where only the export fixed it", async () => {
    const network = await load("exported", 0, "fixed_batch");
    expect(network.batchObstacle).toBeUndefined();
    const { strided = [] } = expected.logits;
    expectLogits(await logitsOf(network, 3), [...strided, ...strided, ...strided]);
  });

  it("takes batches of any length where a constant shape counts one image", async () => {
    const graph = graphBuilder("fixed");
    const image = graph.input("image", "float32", [1, 1, 2, 3]);
    const scores = graph.add("Reshape", [image, graph.int64([1, 6])], {}, { outputs: ["scores"] });
    graph.output(scores, "float32", [1, 6]);
    const network = await loadGraph(graph.build(), [1, 2, 3]);
    expect(network.batchObstacle).toBeUndefined();
    expect(inferShapes(network.model).get("scores")?.dims).toEqual(["batch", 6]);
  });

  it("in half precision and of an old operator set is computed in float32", async () => {
    const graph = graphBuilder("half");
    const image = graph.input("image", "float16", ["n", 1, 2, 1]);
    // 1.5
    graph.initializer("w", tensor("float16", [1], Uint16Array.of(0x3e00)));
    const scaled = graph.add("Mul", [graph.add("Squeeze", [image], { axes: [1, 3] }), "w"]);
    graph.output(scaled, "float16", ["n", 2]);
    const network = await loadGraph(graph.build(), [1, 2, 1], commandline, 9);
    expect(network.model.opsets[""]).toBe(17);
    const types = [...inferShapes(network.model).values()].map(({ dtype }) => dtype);
    expect(new Set(types)).toEqual(new Set(["float32", "int64"]));
    expect(network.model.graph.initializers.get("w")).toEqual(tensor("float32", [1], Float32Array.of(1.5)));
  });

  it("of a very old operator set is refused, by the file's name", async () => {
    const graph = graphBuilder("old");
    graph.output(graph.add("Flatten", [graph.input("image", "float32", ["n", 1, 2, 1])]), "float32", [
      "n",
      2,
    ]);
    await expect(loadGraph(graph.build(), [1, 2, 1], commandline, 6)).rejects.toThrow(
      /model_best.onnx: the model uses operator set 6; export it with 7 or newer/,
    );
  });

  it("says what keeps images from sharing a batch", async () => {
    const graph = graphBuilder("fixed");
    const image = graph.input("image", "float32", [1, 1, 2, 3]);
    const flat = graph.add("Flatten", [image]);
    // Over the batch: images would meet.
    const mean = graph.add("ReduceMean", [flat], { axes: [0] });
    graph.output(graph.add("Sub", [flat, mean], {}, { outputs: ["scores"] }), "float32", [1, 6]);
    const network = await loadGraph(graph.build(), [1, 2, 3]);
    expect(network).toMatchObject({ classCount: 6, architecture: "Conv5_FC3_down" });
    expect(network.batchObstacle).toBe('ReduceMean "ReduceMean": it may not treat every image by itself');
    expect(network.model.graph.inputs[0]?.dims).toEqual([1, 1, 2, 3]);
  });

  it("takes batches of any length where sizes of Resize count one image", async () => {
    const graph = graphBuilder("resized");
    const image = graph.input("image", "float32", ["n", 1, 2, 3]);
    const large = graph.add("Resize", [image, "", "", graph.int64([1, 1, 4, 6])], { mode: "linear" });
    graph.output(graph.add("Flatten", [large], {}, { outputs: ["scores"] }), "float32", ["n", 24]);
    const network = await loadGraph(graph.build(), [1, 2, 3]);
    expect(network).toMatchObject({ classCount: 24 });
    expect(network.batchObstacle).toBeUndefined();
    expect(network.model.graph.inputs[0]?.dims).toEqual(["batch", 1, 2, 3]);
  });

  const truth = (graph: GraphBuilder) => graph.constant(tensor("bool", [], Uint8Array.of(1)));
  const parameters = (graph: GraphBuilder) =>
    [1, 2, 3, 4].map((value) => graph.constant(tensor("float32", [6], new Float32Array(6).fill(value))));
  it.each<[string, string, (graph: GraphBuilder, flat: string) => string]>([
    [
      "drops values at random",
      'Dropout "drop" is, or may be, in training mode and drops values at random; export the network for inference',
      (graph, flat) => graph.add("Dropout", [flat, graph.scalar(0.5), truth(graph)], {}, { name: "drop" }),
    ],
    [
      "draws random numbers",
      'RandomNormalLike "noise" draws random numbers; export the network for inference',
      (graph, flat) => graph.add("Add", [flat, graph.add("RandomNormalLike", [flat], {}, { name: "noise" })]),
    ],
    [
      "normalizes single values",
      'BatchNormalization "norm" is in training mode, and an image has a single value for each of its channels',
      (graph, flat) =>
        graph.addMany(
          "BatchNormalization",
          [flat, ...parameters(graph)],
          3,
          { training_mode: 1 },
          { name: "norm" },
        )[0]!,
    ],
    [
      "uses running statistics",
      'BatchNormalization "norm" is in training mode, and its running statistics are used; export the network for inference',
      (graph, flat) => {
        const inputs = [flat, ...parameters(graph)];
        const [y, mean] = graph.addMany(
          "BatchNormalization",
          inputs,
          3,
          { training_mode: 1 },
          { name: "norm" },
        );
        return graph.add("Add", [y!, mean!]);
      },
    ],
  ])("is refused where it %s", async (_, message, build) => {
    const graph = graphBuilder("training");
    const flat = graph.add("Flatten", [graph.input("image", "float32", ["n", 1, 2, 3])]);
    graph.output(build(graph, flat), "float32", ["n", 6]);
    await expect(loadGraph(graph.build(), [1, 2, 3])).rejects.toThrow(`model_best.onnx: ${message}`);
  });

  it("is refused where it needs batches of another length than 1, by the file's name", async () => {
    const graph = graphBuilder("three");
    const flat = graph.add("Flatten", [graph.input("image", "float32", [3, 1, 2, 3])]);
    graph.output(graph.add("Softmax", [graph.add("Relu", [flat])], { axis: 0 }), "float32", [3, 6]);
    const scores = graph.add("Mul", [flat, graph.build().outputs[0]!.name], {}, { outputs: ["scores"] });
    const built = { ...graph.build(), outputs: [{ name: scores, dtype: "float32", dims: [3, 6] }] } as const;
    await expect(loadGraph(built, [1, 2, 3])).rejects.toThrow(
      /model_best.onnx: it takes batches of 3 only \(Softmax .*\); export it with a dynamic batch axis, or with a batch of 1/,
    );
  });

  it.each([
    ["softmax", 0],
    ["softmax and the copy of it that Keras makes", 1],
  ])("is taken before its %s, since explanations are of logits", async (_, copies) => {
    const graph = graphBuilder("probabilities");
    const image = graph.input("image", "float32", ["n", 1, 2, 1]);
    const scores = graph.add("Flatten", [image], {}, { outputs: ["scores"] });
    const probabilities = graph.add("Softmax", [scores], { axis: 1 });
    graph.output(copies > 0 ? graph.add("Identity", [probabilities]) : probabilities, "float32", ["n", 2]);
    const network = await loadGraph(graph.build(), [1, 2, 1]);
    expect(network.logits).toBe("scores");
    expect(network.model.graph.outputs.map(({ name }) => name)).toEqual(["scores"]);
  });

  it("keeps two classes of the outputs of a network that predicts atlas intensities too", async () => {
    const graph = graphBuilder("atlas");
    const image = graph.input("image", "float32", ["n", 1, 5, 1]);
    graph.output(graph.add("Flatten", [image], {}, { outputs: ["all"] }), "float32", ["n", 5]);
    const settings = { ...commandline, predict_atlas_intensities: ["AAL2"] };
    const network = await loadGraph(graph.build(), [1, 5, 1], settings);
    expect(network.classCount).toBe(2);
    expect(inferShapes(network.model).get(network.logits)?.dims).toEqual(["batch", 2]);
  });

  it.each([
    ["two inputs", ["a", "b"], ["n", 2], 'the image as its only input: found "a", "b"; export'],
    [
      "an output that is an image",
      ["a"],
      ["n", 1, 2, 1],
      "expected [batch, classes], found [batch, 1, 2, 1]; choose one value by an index for each axis after the batch (--target 0,0,0)",
    ],
  ] as const)("with %s is refused", async (_, inputs, outputDims, message) => {
    const graph = graphBuilder("odd");
    for (const name of inputs) graph.input(name, "float32", ["n", 1, 2, 1]);
    const output = outputDims.length === 2 ? graph.add("Flatten", ["a"]) : graph.add("Relu", ["a"]);
    graph.output(output, "float32", outputDims);
    await expect(loadGraph(graph.build(), [1, 2, 1])).rejects.toThrow(message);
  });

  it("keeps zeros that are padded before a max-pooling", async () => {
    const { model } = await load("exported", 0, "free_batch");
    const zeros = model.graph.nodes
      .filter(({ opType }) => opType === "Pad")
      .map(({ inputs }) => model.graph.initializers.get(inputs[2]!));
    expect(zeros.length).toBeGreaterThan(0);
    for (const zero of zeros) expect(zero).toMatchObject({ data: Float32Array.of(-0) });
  });

  it("for inputs of another size is an error that names both", async () => {
    const folder = await openModelFolder(directory(`${folders}exported`));
    const loading = loadNetwork(folder, 0, "free_batch", { inputDims: [1, 8, 11, 10] });
    await expect(loading).rejects.toThrow(
      /model_best.onnx: wrong size of the input: expected 1×9×11×10, found 1×8×11×10/,
    );
  });

  it("that is not an ONNX file is an error that names it", async () => {
    const file = "fold-0/models/best_loss/model_best.onnx";
    const source = memoryModelFolder({ "commandline.json": commandline, [file]: "no protobuf" });
    const loading = loadNetwork(await openModelFolder(source), 0, "best_loss", { inputDims });
    await expect(loading).rejects.toThrow(`/models/mine/${file}`);
  });

  it("never reads weights outside the folder", async () => {
    const path = `${folders}exported/fold-0/models/external/model_best.onnx`;
    const latin = readFileSync(path).toString("latin1");
    // "weights.bin" has 11 letters; so has this, and lengths in the protobuf stay right.
    const hostile = Buffer.from(latin.replaceAll("weights.bin", "../../../pw"), "latin1");
    const asked: string[] = [];
    const memory = memoryModelFolder({
      "commandline.json": commandline,
      "fold-0/models/best_loss/model_best.onnx": hostile,
    });
    const source: FileSource = {
      ...memory,
      async open(file) {
        asked.push(file);
        return memory.open(file);
      },
    };
    const load = async () => {
      const network = await loadNetwork(await openModelFolder(source), 0, "best_loss", { inputDims });
      return logitsOf(network);
    };
    await expect(load()).rejects.toMatchObject({ code: "unsafe-file" });
    expect(asked).not.toContain("pw");
  });
});

describe("multi-CNN models", () => {
  const bytes = readFileSync(`${folders}modern/fold-0/models/best_loss/model_best.pth.tar`);
  const trained = JSON.parse(readFileSync(`${folders}modern/commandline.json`, "utf8"));
  const open = () =>
    openModelFolder(
      memoryModelFolder({
        "commandline.json": { ...trained, network_type: "multicnn" },
        "fold-0/models/cnn-0/best_loss/model_best.pth.tar": bytes,
        "fold-0/models/cnn-2/best_loss/model_best.pth.tar": bytes,
      }),
    );

  it("give the network of a part", async () => {
    const network = await loadNetwork(await open(), 0, "best_loss", { inputDims, network: 2 });
    expect(network.file).toBe("fold-0/models/cnn-2/best_loss/model_best.pth.tar");
    expect(network.classCount).toBe(2);
  });

  it.each([
    [1, "there is no network cnn-1", "found cnn-0, cnn-2"],
    [undefined, "there are 2 networks", "choose one by its number"],
  ])("say which networks there are when %s is asked for", async (network, ...messages) => {
    const options = { inputDims, ...(network !== undefined && { network }) };
    const loading = loadNetwork(await open(), 0, "best_loss", options);
    for (const message of messages) await expect(loading).rejects.toThrow(message);
  });
});

describe("models that cannot be run", () => {
  const weights = "fold-0/models/best_loss/model_best.pth.tar";
  it.each([
    ["autoencoder", weights, "an autoencoder"],
    ["cnn", "fold-0/models/cnn-0/best_loss/model_best.pth.tar", "several networks"],
  ])("of the type %s are refused in a sentence", async (networkType, file, message) => {
    const settings = { ...commandline, network_type: networkType };
    const folder = await openModelFolder(memoryModelFolder({ "commandline.json": settings, [file]: "" }));
    await expect(loadNetwork(folder, 0, "best_loss", { inputDims })).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining(message),
    });
  });

  it("of an unknown architecture are refused with what helps", async () => {
    const bytes = readFileSync(`${folders}modern/fold-0/models/best_loss/model_best.pth.tar`);
    const source = memoryModelFolder({
      "commandline.json": { ...commandline, model: "MyOwn" },
      [weights]: bytes,
    });
    const loading = loadNetwork(await openModelFolder(source), 0, "best_loss", { inputDims });
    await expect(loading).rejects.toThrow(/cannot be rebuilt.*Conv5_FC3.*found "MyOwn".*model_best\.onnx/);
  });
});
