import { intAttribute, stringAttribute } from "@voxplain/onnx-graph";
import { array, at, generate, type NdArray, offset, positions } from "./array.ts";
import { fromFront, type Kernel, numbersOf } from "./kernel.ts";

const gather: Kernel = ({ x: [x, indices], attributes }) => {
  const axis = fromFront(intAttribute(attributes, "axis", 0), x!.dims.length);
  const rank = indices!.dims.length;
  const dims = [...x!.dims.slice(0, axis), ...indices!.dims, ...x!.dims.slice(axis + 1)];
  return [
    generate(dims, (position) => {
      const index = at(indices!, position.slice(axis, axis + rank));
      const source = [
        ...position.slice(0, axis),
        fromFront(index, x!.dims[axis]!),
        ...position.slice(axis + rank),
      ];
      return at(x!, source);
    }),
  ];
};

/** Where in x the element of `indices` at a position points to. */
function pointed(x: NdArray, indices: NdArray, position: readonly number[], axis: number): number[] {
  return position.with(axis, fromFront(at(indices, position), x.dims[axis]!));
}

const gatherElements: Kernel = ({ x: [x, indices], attributes }) => {
  const axis = fromFront(intAttribute(attributes, "axis", 0), x!.dims.length);
  return [generate(indices!.dims, (position) => at(x!, pointed(x!, indices!, position, axis)))];
};

const reductions: Readonly<Record<string, (before: number, update: number) => number>> = {
  none: (_, update) => update,
  add: (before, update) => before + update,
};

const scatterElements: Kernel = ({ x: [x, indices, updates], attributes }) => {
  const axis = fromFront(intAttribute(attributes, "axis", 0), x!.dims.length);
  const reduce = reductions[stringAttribute(attributes, "reduction", "none")]!;
  const result: NdArray = { dims: x!.dims, data: x!.data.slice() };
  for (const position of positions(indices!.dims)) {
    const target = offset(x!.dims, pointed(x!, indices!, position, axis));
    result.data[target] = reduce(result.data[target]!, at(updates!, position));
  }
  return [result];
};

/** The indices that stand in the last axis of `indices` at a position of the others. */
function tupleAt(x: NdArray, indices: NdArray, position: readonly number[], first: number): number[] {
  return Array.from({ length: indices.dims.at(-1)! }, (_, k) =>
    fromFront(at(indices, [...position, k]), x.dims[first + k]!),
  );
}

const gatherND: Kernel = ({ x: [x, indices], attributes }) => {
  const batch = intAttribute(attributes, "batch_dims", 0);
  const outer = indices!.dims.slice(0, -1);
  const dims = [...outer, ...x!.dims.slice(batch + indices!.dims.at(-1)!)];
  return [
    generate(dims, (position) => {
      const tuple = tupleAt(x!, indices!, position.slice(0, outer.length), batch);
      return at(x!, [...position.slice(0, batch), ...tuple, ...position.slice(outer.length)]);
    }),
  ];
};

const scatterND: Kernel = ({ x: [x, indices, updates], attributes }) => {
  const reduce = reductions[stringAttribute(attributes, "reduction", "none")]!;
  const outer = indices!.dims.length - 1;
  const result: NdArray = { dims: x!.dims, data: x!.data.slice() };
  for (const position of positions(updates!.dims)) {
    const tuple = tupleAt(x!, indices!, position.slice(0, outer), 0);
    const target = offset(x!.dims, [...tuple, ...position.slice(outer)]);
    result.data[target] = reduce(result.data[target]!, at(updates!, position));
  }
  return [result];
};

const compress: Kernel = ({ x: [x, condition], attributes }) => {
  const flat = !("axis" in attributes);
  const from = flat ? array([x!.data.length], x!.data) : x!;
  const axis = fromFront(intAttribute(attributes, "axis", 0), from.dims.length);
  const taken = Array.from(condition!.data).flatMap((value, k) => (value ? [k] : []));
  return [
    generate(from.dims.with(axis, taken.length), (position) =>
      at(from, position.with(axis, taken[position[axis]!]!)),
    ),
  ];
};

const topK: Kernel = ({ x: [x, k], attributes }) => {
  const axis = fromFront(intAttribute(attributes, "axis", -1), x!.dims.length);
  const sign = intAttribute(attributes, "largest", 1) === 1 ? 1 : -1;
  const indices = generate(x!.dims.with(axis, k!.data[0]!), (position) => {
    const values = Array.from({ length: x!.dims[axis]! }, (_, index) => at(x!, position.with(axis, index)));
    const order = [...values.keys()].sort((a, b) => sign * (values[b]! - values[a]!) || a - b);
    return order[position[axis]!]!;
  });
  const values = generate(indices.dims, (position) => at(x!, pointed(x!, indices, position, axis)));
  return [values, indices];
};

const oneHot: Kernel = ({ x: [indices, depth, values], attributes }) => {
  const rank = indices!.dims.length + 1;
  const axis = fromFront(intAttribute(attributes, "axis", -1), rank);
  const length = depth!.data[0]!;
  return [
    generate(indices!.dims.toSpliced(axis, 0, length), (position) => {
      const index = fromFront(at(indices!, position.toSpliced(axis, 1)), length);
      return values!.data[index === position[axis] ? 1 : 0]!;
    }),
  ];
};

const nonZero: Kernel = ({ x: [x] }) => {
  const found = Array.from(positions(x!.dims), (position) => [...position]);
  const hits = found.filter((position) => at(x!, position) !== 0);
  return [
    array(
      [x!.dims.length, hits.length],
      x!.dims.flatMap((_, axis) => hits.map((hit) => hit[axis]!)),
    ),
  ];
};

const range: Kernel = ({ x }) => {
  const [start, limit, delta] = x.map((value) => value!.data[0]!) as [number, number, number];
  const length = Math.max(0, Math.ceil((limit - start) / delta));
  return [generate([length], ([k]) => start + k! * delta)];
};

const tile: Kernel = ({ x: [x, repeats] }) => {
  const times = numbersOf(repeats)!;
  return [
    generate(
      x!.dims.map((length, axis) => length * times[axis]!),
      (position) =>
        at(
          x!,
          position.map((index, axis) => index % x!.dims[axis]!),
        ),
    ),
  ];
};

export const indexingKernels: Readonly<Record<string, Kernel>> = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
  Compress: compress,
  TopK: topK,
  OneHot: oneHot,
  NonZero: nonZero,
  Range: range,
  Tile: tile,
};
