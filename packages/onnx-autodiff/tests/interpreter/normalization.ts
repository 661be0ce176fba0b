import { floatAttribute, intAttribute, intsAttribute } from "@voxplain/onnx-graph";
import { array, at, broadcastAt, generate } from "./array.ts";
import { fromFront, type Kernel } from "./kernel.ts";
import { fibre, mean, sum } from "./linear.ts";

const from = (first: number, end: number) => Array.from({ length: end - first }, (_, k) => first + k);
const varianceOf = (values: readonly number[]) => mean(values.map((value) => (value - mean(values)) ** 2));

const layerNormalization: Kernel = ({ x: [x, scale, shift], attributes }) => {
  const rank = x!.dims.length;
  const epsilon = floatAttribute(attributes, "epsilon", 1e-5);
  const axes = from(fromFront(intAttribute(attributes, "axis", -1), rank), rank);
  const kept = x!.dims.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const average = generate(kept, (position) => mean(fibre(x!, axes, position)));
  const inverse = generate(
    kept,
    (position) => 1 / Math.sqrt(varianceOf(fibre(x!, axes, position)) + epsilon),
  );
  const y = generate(x!.dims, (position) => {
    const normalized = (at(x!, position) - broadcastAt(average, position)) * broadcastAt(inverse, position);
    return normalized * broadcastAt(scale!, position) + (shift ? broadcastAt(shift, position) : 0);
  });
  return [y, average, inverse];
};

/** Scale and shift are per group before operator set 21, per channel since. */
const groupNormalization: Kernel = ({ x: [x, scale, shift], attributes, opset }) => {
  const [batch, channels] = x!.dims as [number, number];
  const groups = intAttribute(attributes, "num_groups", 1);
  const epsilon = floatAttribute(attributes, "epsilon", 1e-5);
  const grouped = array([batch, groups, x!.data.length / batch / groups], x!.data);
  return [
    generate(x!.dims, (position) => {
      const group = Math.floor((position[1]! * groups) / channels);
      const values = fibre(grouped, [2], [position[0]!, group, 0]);
      const normalized = (at(x!, position) - mean(values)) / Math.sqrt(varianceOf(values) + epsilon);
      const k = opset < 21 ? group : position[1]!;
      return normalized * scale!.data[k]! + shift!.data[k]!;
    }),
  ];
};

const meanVarianceNormalization: Kernel = ({ x: [x], attributes }) => {
  const axes = intsAttribute(attributes, "axes", [0, 2, 3]).map((axis) => fromFront(axis, x!.dims.length));
  return [
    generate(x!.dims, (position) => {
      const values = fibre(x!, axes, position);
      return (at(x!, position) - mean(values)) / (Math.sqrt(varianceOf(values)) + 1e-9);
    }),
  ];
};

const lpNormalization: Kernel = ({ x: [x], attributes }) => {
  const axis = fromFront(intAttribute(attributes, "axis", -1), x!.dims.length);
  const p = intAttribute(attributes, "p", 2);
  return [
    generate(x!.dims, (position) => {
      const norm = sum(fibre(x!, [axis], position).map((value) => Math.abs(value) ** p)) ** (1 / p);
      return norm === 0 ? 0 : at(x!, position) / norm;
    }),
  ];
};

const localResponse: Kernel = ({ x: [x], attributes }) => {
  const size = intAttribute(attributes, "size", 1);
  const alpha = floatAttribute(attributes, "alpha", 1e-4);
  const beta = floatAttribute(attributes, "beta", 0.75);
  const bias = floatAttribute(attributes, "bias", 1);
  return [
    generate(x!.dims, (position) => {
      const first = Math.max(0, position[1]! - Math.floor((size - 1) / 2));
      const end = Math.min(x!.dims[1]!, position[1]! + Math.ceil((size - 1) / 2) + 1);
      const energy = sum(from(first, end).map((channel) => at(x!, position.with(1, channel)) ** 2));
      return at(x!, position) * (bias + (alpha / size) * energy) ** -beta;
    }),
  ];
};

export const normalizationKernels: Readonly<Record<string, Kernel>> = {
  LayerNormalization: layerNormalization,
  GroupNormalization: groupNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  LpNormalization: lpNormalization,
  LRN: localResponse,
};
