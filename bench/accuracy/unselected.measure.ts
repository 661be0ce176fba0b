// Gradients of every architecture, every exported network and the sample against PyTorch's float64, on inputs that
// nobody selected. `node bench/accuracy.mjs` runs this.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { type ModelRuntime, type NamedTensors, type Tensor, tensor } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { buildNetwork, loadNetwork, openModelFolder } from "@voxplain/model-loader";
import { encodeModel, type Model } from "@voxplain/onnx-graph";
import { nodeRuntime } from "@voxplain/runtime-node";
import { expect, it } from "vitest";
import { lower } from "../../packages/lowering/src/index.ts";
import { networkFixture, networkNames } from "../../packages/model-loader/tests/network-fixtures.ts";
import { differentiate } from "../../packages/onnx-autodiff/src/index.ts";
import { openZooModel, zooModels } from "../../tests/zoo/zoo-models.ts";
import { countFlips, decide, decidersOf } from "./decisions.ts";
import { type Reference, referenceProgram } from "./reference.ts";

const root = new URL("../../", import.meta.url).pathname;
const results = process.env.VOXPLAIN_ACCURACY_RESULTS ?? `${root}bench/results/accuracy`;
const wanted = process.env.VOXPLAIN_ACCURACY_NETWORKS?.split(",");
const seeds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const runtime = nodeRuntime({ executionProvider: "cpu", threads: 2 });

interface Opened {
  readonly model: Model;
  readonly input: string;
  readonly output: string;
  /** Absent where the output is no vector of logits. */
  readonly classCount?: number;
}

interface Case {
  readonly kind: "architecture" | "zoo" | "sample";
  readonly name: string;
  open(seed: number): Promise<Opened>;
}

const cases: Case[] = [
  ...networkNames.map(
    (name): Case => ({
      kind: "architecture",
      name,
      async open(seed) {
        const { settings, stateDict, inputDims } = networkFixture(name, `${name}/${seed}`);
        const { model, input, logits, classCount } = buildNetwork(settings, stateDict, inputDims);
        return { model, input, output: logits, classCount };
      },
    }),
  ),
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
  const differentiated = differentiate(model, { output });
  const { graph } = differentiated.model;
  const gradientName = differentiated.gradients[input] ?? "";
  const feeds = {
    [input]: tensor("float32", reference.dims, reference.input),
    [differentiated.cotangent]: cotangentOf(reference, classCount),
  };
  const plain = await runOn(runtime, differentiated.model, feeds, [output, gradientName]);
  // Values that are looked at stay out of ONNX Runtime's fusions: are they those of the product?
  const deciders = decidersOf(model.graph);
  const known = new Set(graph.outputs.map(({ name }) => name));
  const watched = [...new Set(deciders.map(({ value }) => value))].filter((value) => value !== input);
  const outputs = watched
    .filter((name) => !known.has(name))
    .map((name) => ({ name, dtype: "float32" as const, dims: undefined }));
  const observed = await runOn(
    runtime,
    { ...differentiated.model, graph: { ...graph, outputs: [...graph.outputs, ...outputs] } },
    feeds,
    [gradientName, ...watched],
  );
  const found = float32(plain, gradientName).data;
  const logits = float32(plain, output).data;
  const flips = countFlips(
    reference,
    deciders.map((decider) => ({
      kind: decider.kind,
      decided: decide(
        decider,
        decider.value === input ? feeds[input]! : float32(observed, decider.value),
        model.graph,
      ),
    })),
  );
  return {
    outputError: relative(logits, reference.output.slice(0, logits.length)),
    pytorchOutputError: relative(
      reference.pytorchOutput.slice(0, logits.length),
      reference.output.slice(0, logits.length),
    ),
    gradientError: relative(found, reference.gradient),
    pytorchGradientError: relative(reference.pytorchGradient, reference.gradient),
    flips,
    pytorchFlips: reference.pytorchFlips,
    decided: reference.decided,
    // 0 where watching changed nothing: then the flips are those of the product.
    watchingChanges: relative(float32(observed, gradientName).data, found),
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
  by: ModelRuntime,
  model: Model,
  feeds: NamedTensors,
  fetches: string[],
): Promise<NamedTensors> {
  const session = await by.createSession(await encodeModel(lower(model, by.lowering)));
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
