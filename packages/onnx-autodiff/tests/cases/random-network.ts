import { uniform } from "../../../../tests/random.ts";
import type { CaseGraph, GradientCase } from "./case.ts";

interface State {
  readonly value: string;
  readonly channels: number;
  readonly space: readonly number[];
}

type Layer = (g: CaseGraph, state: State, random: () => number) => State | undefined;

const pick = (random: () => number, count: number) => Math.floor(random() * count);
const lengthsAfter = (space: readonly number[], f: (length: number, axis: number) => number) => {
  const lengths = space.map(f);
  return lengths.every((length) => length >= 1) ? lengths : undefined;
};

const activations = [
  ...(["Relu", "LeakyRelu", "Elu", "Selu", "Celu", "Tanh", "Sigmoid"] as const),
  ...(["HardSigmoid", "HardSwish", "Softplus", "Softsign", "Sin", "Atan"] as const),
];
const reductions = ["ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2", "ReduceLogSumExp"] as const;

/** Layers as networks have them, with random settings; undefined where the image has become too small. */
const layers: readonly Layer[] = [
  function convolution(g, { value, channels, space }, random) {
    const kernel = space.map(() => 1 + pick(random, 3));
    const strides = space.map(() => 1 + pick(random, 2));
    const dilations = space.map(() => 1 + pick(random, 2));
    const pads = [...space, ...space].map(() => pick(random, 3));
    const group = channels % 2 === 0 ? 1 + pick(random, 2) : 1;
    const outputs = group * (1 + pick(random, 2));
    const after = lengthsAfter(space, (length, axis) => {
      const room =
        length + pads[axis]! + pads[axis + space.length]! - (kernel[axis]! - 1) * dilations[axis]! - 1;
      return room < 0 ? 0 : Math.floor(room / strides[axis]!) + 1;
    });
    if (after === undefined) return undefined;
    const weights = [g.weight([outputs, channels / group, ...kernel]), g.weight([outputs])];
    const attributes = { strides, dilations, pads, group };
    return { value: g.node("Conv", [value, ...weights], attributes), channels: outputs, space: after };
  },
  function pooling(g, { value, channels, space }, random) {
    const kernel = space.map(() => 1 + pick(random, 3));
    const strides = space.map(() => 1 + pick(random, 3));
    const pads = [...kernel, ...kernel].map((size) => pick(random, size));
    const after = lengthsAfter(space, (length, axis) => {
      const room = length + pads[axis]! + pads[axis + space.length]! - kernel[axis]!;
      return room < 0 ? 0 : Math.floor(room / strides[axis]!) + 1;
    });
    if (after === undefined) return undefined;
    const opType = (["MaxPool", "AveragePool"] as const)[pick(random, 2)]!;
    const attributes = { kernel_shape: kernel, strides, pads };
    return { value: g.node(opType, [value], attributes), channels, space: after };
  },
  function normalization(g, { value, channels, space }, random) {
    if (space.every((length) => length === 1)) return undefined;
    if (random() < 0.25) {
      const shape = [channels, ...space];
      const attributes = { axis: 1, epsilon: 0.125 };
      return {
        value: g.node("LayerNormalization", [value, g.weight(shape), g.weight(shape)], attributes),
        channels,
        space,
      };
    }
    const parameters = [g.weight([channels]), g.weight([channels])];
    const statistics = [g.weight([channels]), g.weight([channels], "positive")];
    const normalized =
      random() < 0.5
        ? g.node("InstanceNormalization", [value, ...parameters], { epsilon: 0.125 })
        : g.node("BatchNormalization", [value, ...parameters, ...statistics]);
    return { value: normalized, channels, space };
  },
  function activation(g, state, random) {
    const opType = activations[pick(random, activations.length)]!;
    return { ...state, value: g.node(opType, [state.value]) };
  },
  function padding(g, { value, channels, space }, random) {
    const pads = [0, 0, ...space, 0, 0, ...space].map((_, k) =>
      k % (space.length + 2) < 2 ? 0 : pick(random, 2),
    );
    const after = space.map((length, axis) => length + pads[axis + 2]! + pads[axis + 4 + space.length]!);
    // ONNX Runtime merges a Pad with a pooling behind it, and then refuses it as too wide.
    const padded = g.node("Neg", [g.node("Pad", [value, g.int64(pads)])]);
    return { value: padded, channels, space: after };
  },
  function gate(g, state, random) {
    const opType = reductions[pick(random, reductions.length)]!;
    const axes = state.space.map((_, axis) => axis + 2);
    const pooled = g.node(opType, [state.value], { axes });
    const slope = g.weight([state.channels, ...state.space.map(() => 1)]);
    const open = g.node("Sigmoid", [g.node("PRelu", [pooled, slope])]);
    return { ...state, value: g.node("Mul", [state.value, open]) };
  },
  function mixture(g, state) {
    const letters = "dhw".slice(0, state.space.length);
    const equation = `nc${letters},ck->nk${letters}`;
    const mixed = g.node("Einsum", [state.value, g.weight([state.channels, state.channels])], { equation });
    return { ...state, value: g.node("Max", [mixed, g.node("Mul", [state.value, g.floats([0.5], [])])]) };
  },
  function residual(g, state, random) {
    const branch = g.node("Conv", [
      state.value,
      g.weight([state.channels, state.channels, ...state.space.map(() => 1)]),
    ]);
    const opType = (["Add", "Mul", "Sub"] as const)[pick(random, 3)]!;
    return { ...state, value: g.node(opType, [state.value, g.node("Tanh", [branch])]) };
  },
];

/** A network of random layers on an image of two or three axes, with two logits at its end. */
export function randomNetwork(seed: number): GradientCase {
  const random = uniform(seed);
  const space = Array.from({ length: 2 + pick(random, 2) }, () => 4 + pick(random, 3));
  return {
    name: `network ${seed}, ${space.join(" × ")}`,
    inputs: [["2n", 2, ...space]],
    build(g, [x]) {
      const stream = uniform(seed + 1000);
      let state: State = { value: x!, channels: 2, space };
      for (let depth = 0; depth < 6; depth++) {
        state = layers[pick(stream, layers.length)]!(g, state, stream) ?? state;
      }
      const features = state.space.reduce((product, length) => product * length, state.channels);
      const flat = g.node("Flatten", [state.value]);
      return g.node("Gemm", [flat, g.weight([2, features]), g.weight([2])], { transB: 1 });
    },
  };
}
