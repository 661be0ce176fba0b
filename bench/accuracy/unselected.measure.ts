// Gradients of every architecture, every exported network and the sample against PyTorch's float64, on
// unselected inputs: with kernels for the first blocks, and by ONNX Runtime alone. `node bench/accuracy.mjs` runs this.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { type ModelArtifact, type NamedTensors, type Tensor, tensor } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { buildNetwork, loadNetwork, openModelFolder } from "@voxplain/model-loader";
import { encodeModel, type Model } from "@voxplain/onnx-graph";
import { nodeRuntime } from "@voxplain/runtime-node";
import { expect, it } from "vitest";
import { lower } from "../../packages/lowering/src/index.ts";
import { networkFixture, networkNames } from "../../packages/model-loader/tests/network-fixtures.ts";
import { differentiate } from "../../packages/onnx-autodiff/src/index.ts";
import { leadingFor, leadingGradient } from "../../packages/saliency/src/leading-artifact.ts";
import { openZooModel, zooModels } from "../../tests/zoo/zoo-models.ts";
import { countDifferent, countFlips, type Decided, decide, decidersOf, type Flips } from "./decisions.ts";
import { countPaths, geometriesOf, hasMaxima, kernelPaths, type Paths, pathsOf } from "./paths.ts";
import { type Reference, referenceProgram } from "./reference.ts";

const root = new URL("../../", import.meta.url).pathname;
const results = process.env.VOXPLAIN_ACCURACY_RESULTS ?? `${root}bench/results/accuracy`;
const wanted = process.env.VOXPLAIN_ACCURACY_NETWORKS?.split(",");
const seeds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const runtime = nodeRuntime({ executionProvider: "cpu", threads: 2 });
const plainRuntime = nodeRuntime({ executionProvider: "cpu", threads: 2, kernels: false });

interface Opened {
  readonly model: Model;
  readonly input: string;
  readonly output: string;
  /** Absent where the output is no vector of logits. */
  readonly classCount?: number;
}

interface Case {
  readonly kind: "architecture" | "zoo" | "sample" | "full-size";
  readonly name: string;
  open(seed: number): Promise<Opened>;
}

async function openArchitecture(name: string, seed: number): Promise<Opened> {
  const { settings, stateDict, inputDims } = networkFixture(name, `${name}/${seed}`);
  const { model, input, logits, classCount } = buildNetwork(settings, stateDict, inputDims);
  return { model, input, output: logits, classCount };
}

const cases: Case[] = [
  ...networkNames.map(
    (name): Case => ({ kind: "architecture", name, open: (seed) => openArchitecture(name, seed) }),
  ),
  { kind: "full-size", name: "conv5_fc3", open: (seed) => openArchitecture("conv5_fc3", seed) },
  ...zooModels.map((zoo): Case => ({ kind: "zoo", name: zoo.name, open: () => openZooModel(zoo) })),
  ...["random_small/fold-0", "random_small/fold-1", "conv5_fc3_down/fold-0"].map(
    (name): Case => ({
      kind: "sample",
      name,
      async open() {
        const [model = "", fold = ""] = name.split("/");
        const folder = await openModelFolder(directory(`${root}sample/models/${model}`));
        const inputDims = [1, 85, 104, 90];
        const network = await loadNetwork(folder, Number(fold.slice(5)), "best_balanced_accuracy", {
          inputDims,
        });
        return { model: network.model, input: network.input, output: network.logits };
      },
    }),
  ),
];

it.each(cases.filter(({ name }) => wanted === undefined || wanted.includes(name)))(
  "$kind $name",
  async (of) => {
    const program = await referenceProgram(of.kind, of.name);
    const rows = [];
    for (const seed of seeds) {
      const reference = await program.draw(seed);
      const row = { seed, ...(await compare(await of.open(seed), reference)) };
      console.log(of.name, JSON.stringify(row));
      rows.push(row);
    }
    program.end();
    mkdirSync(results, { recursive: true });
    const header = {
      kind: of.kind,
      name: of.name,
      torch: program.torch,
      machine: cpus()[0]?.model,
      node: process.version,
    };
    writeFileSync(
      `${results}/${of.kind}-${of.name.replace("/", "-")}.json`,
      `${JSON.stringify({ ...header, date: new Date().toISOString().slice(0, 10), rows }, undefined, 1)}\n`,
    );
    expect(rows).toHaveLength(seeds.length);
  },
);

async function compare({ model, input, output, classCount }: Opened, reference: Reference) {
  const image = tensor("float32", reference.dims, reference.input);
  const cotangent = cotangentOf(reference, classCount);
  const network = {
    model,
    input,
    logits: output,
    inputDims: image.dims.slice(1),
    classCount: classCount ?? 1,
  };
  const plain = await watchedGradient(model, input, output, image, cotangent);
  const leading = image.dims[0] === 1 ? await leadingFor(network, model, runtime, "gradient") : undefined;
  const blocks = leading?.blocks ?? [];
  // In PyTorch's order, each block has a ReLU, a max-pooling, or both.
  const counted = blocks.map((block) => ({ relu: block.slopes !== undefined, max: hasMaxima(block) }));
  const first = counted.reduce((sum, { relu, max }) => sum + Number(relu) + Number(max), 0);
  const sizes = geometriesOf(blocks, image.dims.slice(2));
  const pathsFrom = (decided: (k: number) => Decided["decided"]): Paths[] => {
    let next = 0;
    return blocks.map((block, k) => {
      const { relu, max } = counted[k]!;
      const reached = relu ? (decided(next++) as Uint8Array) : undefined;
      const maxima = max ? (decided(next++) as Int32Array) : undefined;
      return pathsOf(block, sizes[k]!, { reached, maxima });
    });
  };
  const exact = pathsFrom((k) => reference.decision(k));
  const perBlock = (paths: readonly Paths[]) => exact.map((own, k) => countPaths(own, paths[k]!));
  const pytorch = perBlock(pathsFrom((k) => reference.pytorchDecision(k)));
  const alone = perBlock(pathsFrom((k) => plain.decisions[k]!.decided));
  const plainRest = countFlips(reference, first, plain.decisions.slice(first));
  const pytorchRest = { relu: 0, max: 0 };
  const decided = { relu: 0, max: 0 };
  reference.decisions.forEach((kind, k) => {
    if (k < first) return;
    const found = reference.decision(k);
    decided[kind] += found.length;
    pytorchRest[kind] += countDifferent(found, reference.pytorchDecision(k));
  });
  const own = leading && {
    found: await productGradient(network, leading, image, cotangent),
    ...kernelPaths(blocks, leading.inputDims, reference.input),
  };
  const rest =
    own && leading
      ? await watchedGradient(
          leading.rest,
          leading.cut,
          output,
          tensor("float32", [1, ...leading.cutDims], own.cut),
          cotangent,
        )
      : undefined;
  const kernels = own ? perBlock(own.paths) : [];
  const kernelsRest = rest ? countFlips(reference, first, rest.decisions) : plainRest;
  const { logits, gradient } = own?.found ?? plain;
  const expected = reference.output.slice(0, logits.length);
  const windows = exact.map(({ length }) => length);
  return {
    outputError: relative(logits, expected),
    pytorchOutputError: relative(reference.pytorchOutput.slice(0, logits.length), expected),
    gradientError: relative(gradient, reference.gradient),
    onnxRuntimeGradientError: relative(plain.gradient, reference.gradient),
    pytorchGradientError: relative(reference.pytorchGradient, reference.gradient),
    // A window of the first blocks, which kernels compute, counts as one decision: where its gradient goes.
    flips: sumOf([...kernels, kernelsRest]),
    onnxRuntimeFlips: sumOf([...alone, plainRest]),
    pytorchFlips: sumOf([...pytorch, pytorchRest]),
    decided: { ...decided, windows: windows.reduce((a, b) => a + b, 0) },
    ...(blocks.length > 0 && {
      blocks: windows.map((count, k) => ({
        windows: count,
        kernels: kernels[k],
        onnxRuntime: alone[k],
        pytorch: pytorch[k],
      })),
      rest: { kernels: kernelsRest, onnxRuntime: plainRest, pytorch: pytorchRest },
    }),
    // 0 where watching changed nothing: then the flips are those of the product.
    watchingChanges: Math.max(plain.watchingChanges, rest?.watchingChanges ?? 0),
  };
}

const sumOf = (counts: readonly Flips[]): Flips => ({
  relu: counts.reduce((sum, { relu }) => sum + relu, 0),
  max: counts.reduce((sum, { max }) => sum + max, 0),
});

/** The gradient as methods get it: kernels for the first blocks, ONNX Runtime for the rest. */
async function productGradient(
  network: Parameters<typeof leadingGradient>[0],
  leading: Parameters<typeof leadingGradient>[1],
  image: Tensor<"float32">,
  cotangent: Tensor<"float32">,
) {
  const opened = await leadingGradient(network, leading, runtime, network.input);
  if (opened === undefined) throw new Error("no gradient by kernels");
  const feeds = { [network.input]: image, [opened.cotangent]: cotangent };
  const found = await runOn(runtime, opened.artifact, feeds, [network.logits, opened.gradient]);
  return { logits: float32(found, network.logits).data, gradient: float32(found, opened.gradient).data };
}

/** The gradient by ONNX Runtime alone, and what each ReLU and max-pooling decides. */
async function watchedGradient(
  model: Model,
  input: string,
  output: string,
  image: Tensor<"float32">,
  cotangent: Tensor<"float32">,
) {
  const differentiated = differentiate(model, { output, withRespectTo: [input] });
  const { graph } = differentiated.model;
  const gradientName = differentiated.gradients[input] ?? "";
  const feeds = { [input]: image, [differentiated.cotangent]: cotangent };
  const artifactOf = async (of: Model) => encodeModel(lower(of, plainRuntime.lowering));
  const artifact = await artifactOf(differentiated.model);
  const plain = await runOn(plainRuntime, artifact, feeds, [output, gradientName]);
  // Values that are looked at stay out of ONNX Runtime's fusions: are they those of the product?
  const deciders = decidersOf(model.graph);
  const known = new Set(graph.outputs.map(({ name }) => name));
  const watched = [...new Set(deciders.map(({ value }) => value))].filter((value) => value !== input);
  const outputs = watched
    .filter((name) => !known.has(name))
    .map((name) => ({ name, dtype: "float32" as const, dims: undefined }));
  const watching = { ...graph, outputs: [...graph.outputs, ...outputs] };
  const watchingArtifact = await artifactOf({ ...differentiated.model, graph: watching });
  const observed = await runOn(plainRuntime, watchingArtifact, feeds, [gradientName, ...watched]);
  const gradient = float32(plain, gradientName).data;
  return {
    logits: float32(plain, output).data,
    gradient,
    decisions: deciders.map((decider): Decided => {
      const value = decider.value === input ? image : float32(observed, decider.value);
      return { kind: decider.kind, decided: decide(decider, value, model.graph) };
    }),
    watchingChanges: relative(float32(observed, gradientName).data, gradient),
  };
}

function cotangentOf({ cotangent, outputDims }: Reference, classCount = outputDims[1]): Tensor<"float32"> {
  if (cotangent !== null) return tensor("float32", outputDims, Float32Array.from(cotangent));
  const [rows = 1] = outputDims;
  const classes = classCount ?? 1;
  const data = new Float32Array(rows * classes);
  for (let row = 0; row < rows; row++) data[row * classes + Math.min(1, classes - 1)] = 1;
  return tensor("float32", [rows, classes], data);
}

async function runOn(
  by: typeof runtime,
  artifact: ModelArtifact,
  feeds: NamedTensors,
  fetches: string[],
): Promise<NamedTensors> {
  const session = await by.createSession(artifact);
  try {
    return await session.run(feeds, { fetches });
  } finally {
    await session.release();
  }
}

function float32(found: NamedTensors, name: string): Tensor<"float32"> {
  const value = found[name];
  if (value?.dtype !== "float32") throw new Error(`${name} is not float32`);
  return value;
}

function relative(found: ArrayLike<number>, exact: ArrayLike<number>): number {
  if (found.length !== exact.length) throw new Error(`${found.length} values instead of ${exact.length}`);
  let away = 0;
  let norm = 0;
  for (let k = 0; k < exact.length; k++) {
    away += (found[k]! - exact[k]!) ** 2;
    norm += exact[k]! ** 2;
  }
  // A network that is dead on an input has the gradient 0, which has to be 0 here too.
  return away === 0 ? 0 : Math.sqrt(away / norm);
}
