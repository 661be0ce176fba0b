import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isVoxplainError } from "@voxplain/core";
import { channelsFirst, onnxNetwork } from "@voxplain/model-loader";
import { decodeModel, foldConstants, inferShapes, toFloat32, upgradeOpset } from "@voxplain/onnx-graph";
import { expect, it } from "vitest";
import { differentiate } from "../../packages/onnx-autodiff/src/index.ts";
import type { Message, Value } from "../../packages/onnx-graph/src/protobuf.ts";
import { decodeMessage } from "../../packages/onnx-graph/src/protobuf-reader.ts";
import { encodeMessage } from "../../packages/onnx-graph/src/protobuf-writer.ts";
import { onnxSchema } from "../../packages/onnx-graph/src/schema.ts";
import { isLongRun, processorTime, seconds } from "./fuzz.ts";
import { mutated, seededRandom } from "./mutate.ts";

/** A random whole number below a limit. */
type Random = (below: number) => number;

function randomFrom(seed: number): Random {
  const random = seededRandom(seed);
  return (below) => Math.floor(random() * below);
}

function oneOf<T>(values: readonly T[], random: Random): T {
  return values[random(values.length)]!;
}

function mutatedBytes(bytes: Uint8Array, random: Random): Uint8Array {
  return mutated(bytes, () => random(2 ** 32) / 2 ** 32);
}

const models = [
  ["onnx-graph", "export-2d.onnx"],
  ["onnx-graph", "export-padding.onnx"],
  ["onnx-graph", "export-resizing.onnx"],
  ["onnx-graph", "attributes.onnx"],
  ["onnx-graph", "function-used.onnx"],
  ["cli", "onnx/volume.onnx"],
  ["cli", "onnx/picture.onnx"],
].map(([owner, name]) => {
  const path = new URL(`../../packages/${owner}/tests/fixtures/${name}`, import.meta.url);
  return new Uint8Array(readFileSync(fileURLToPath(path)));
});

const numbers: readonly (number | bigint)[] = [0, 1, 2, 3, -1, 7, 65, 1000, 2 ** 31, -(2 ** 31), 2n ** 62n];

/** The message with one value changed, taken away or put twice, at any depth. */
function mutatedMessage(message: Message, random: Random, names: readonly string[]): Message {
  const keys = Object.keys(message);
  if (keys.length === 0) return message;
  const key = oneOf(keys, random);
  const found = message[key]!;
  const rest = Object.fromEntries(Object.entries(message).filter(([each]) => each !== key));
  if (random(12) === 0) return rest;
  if (!Array.isArray(found)) return { ...message, [key]: mutatedValue(found as Value, random, names) };
  const list = found as readonly Value[];
  if (list.length === 0) return message;
  const at = random(list.length);
  const changes: readonly (() => readonly Value[])[] = [
    () => list.toSpliced(at, 1),
    () => list.toSpliced(at, 0, list[at]!),
    () => list.with(at, oneOf(list, random)),
  ];
  const isChanged = random(6) > 0;
  const changed = isChanged
    ? list.with(at, mutatedValue(list[at]!, random, names))
    : oneOf(changes, random)();
  return { ...message, [key]: changed };
}

function mutatedValue(value: Value, random: Random, names: readonly string[]): Value {
  if (typeof value === "number" || typeof value === "bigint") return oneOf(numbers, random);
  if (typeof value === "string") return oneOf(names, random);
  return value instanceof Uint8Array ? mutatedBytes(value, random) : mutatedMessage(value, random, names);
}

const operators =
  "Conv MaxPool Gemm Concat Slice Gather Reshape Softmax Resize Pad If OneHot Einsum TopK Split LRN Tile";

function namesIn(message: Message): readonly string[] {
  const graph = message.graph as Message;
  const nodes = (graph.node ?? []) as readonly Message[];
  const values = nodes.flatMap(({ input, output }) => [input ?? [], output ?? []].flat() as string[]);
  return ["", ...values, ...operators.split(" ")];
}

const messages = models.map((bytes) => decodeMessage(onnxSchema, "Model", bytes));
const names = messages.map(namesIn);

/** All that reads a file before ONNX Runtime does. */
function readThrough(bytes: Uint8Array): void {
  const model = toFloat32(upgradeOpset(decodeModel(bytes)));
  inferShapes(model);
  foldConstants(model);
  const dims = model.graph.inputs[0]?.dims ?? [];
  const inputDims = dims.slice(1).map((dim) => (typeof dim === "number" ? dim : 8));
  const steps = [
    () => onnxNetwork(channelsFirst({ name: "net.onnx", opset: 17, model }), { inputDims, region: "grid" }),
    () => differentiate(model),
  ];
  for (const step of steps) {
    try {
      step();
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
    }
  }
}

/** In CI the same files each time, so that a failure is one of the change that it comes with. */
const filesInCI = 1500;

/** A mutation of one of the models; undefined where a number has become too large for its field. */
function mutation(seed: number): Uint8Array | undefined {
  const random = randomFrom(seed);
  const which = random(models.length);
  if (random(3) === 0) return mutatedBytes(models[which]!, random);
  let message = messages[which]!;
  for (let faults = 1 + random(3); faults > 0; faults--) {
    message = mutatedMessage(message, random, names[which]!);
  }
  try {
    return encodeMessage(onnxSchema, "Model", message);
  } catch {
    return undefined;
  }
}

it(
  "reads mutated ONNX files, or refuses them by an error of ours, in bounded time",
  () => {
    const end = performance.now() + seconds * 1000;
    const foreign = new Map<string, number>();
    const first = Number(process.env.VOXPLAIN_FUZZ_SEED ?? 1);
    let [slowest, slowestSeed, seed] = [0, 0, first];
    const isEnd = () => (isLongRun ? performance.now() >= end : seed - first >= filesInCI);
    for (; !isEnd(); seed++) {
      const bytes = mutation(seed);
      if (bytes === undefined) continue;
      const { seconds: took, error } = processorTime(() => readThrough(bytes));
      if (error !== undefined && !isVoxplainError(error)) {
        const { stack = "" } = error as Error;
        const where = stack.split("\n").slice(0, 3).join(" | ");
        if (!foreign.has(where)) foreign.set(where, seed);
      }
      if (took > slowest) [slowest, slowestSeed] = [took, seed];
    }
    if (isLongRun) {
      const peak = Math.round(process.resourceUsage().maxRSS / 1024);
      const figures = `slowest ${slowest.toFixed(2)} s (seed ${slowestSeed}), peak memory ${peak} MB`;
      process.stderr.write(`${seed - first} mutated ONNX files, ${figures}\n`);
    }
    expect(Object.fromEntries(foreign)).toEqual({});
    expect(slowest, `seed ${slowestSeed}`).toBeLessThan(2);
  },
  (seconds + 240) * 1000,
);
