import { intAttribute, intsAttribute } from "@voxplain/onnx-graph";
import { array, at, count, generate } from "./array.ts";
import { fromFront, type Kernel, numbersOf } from "./kernel.ts";

const reshape: Kernel = ({ x: [x, shape], attributes }) => {
  const copies = intAttribute(attributes, "allowzero", 0) === 0;
  const dims = numbersOf(shape)!.map((length, axis) => (length === 0 && copies ? x!.dims[axis]! : length));
  const known = count(dims.filter((length) => length !== -1));
  return [
    array(
      dims.map((length) => (length === -1 ? x!.data.length / known : length)),
      x!.data,
    ),
  ];
};

const flatten: Kernel = ({ x: [x], attributes }) => {
  const axis = fromFront(intAttribute(attributes, "axis", 1), x!.dims.length);
  return [array([count(x!.dims.slice(0, axis)), count(x!.dims.slice(axis))], x!.data)];
};

const squeeze: Kernel = ({ x: [x, axes] }) => {
  const removed = numbersOf(axes)?.map((axis) => fromFront(axis, x!.dims.length));
  const dims = x!.dims.filter((length, axis) => (removed ? !removed.includes(axis) : length !== 1));
  return [array(dims, x!.data)];
};

const unsqueeze: Kernel = ({ x: [x, axes] }) => {
  const rank = x!.dims.length + axes!.data.length;
  const added = numbersOf(axes)!.map((axis) => fromFront(axis, rank));
  const rest = [...x!.dims];
  return [
    array(
      Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : rest.shift()!)),
      x!.data,
    ),
  ];
};

const transpose: Kernel = ({ x: [x], attributes }) => {
  const order = intsAttribute(attributes, "perm", [...x!.dims.keys()].reverse());
  return [
    generate(
      order.map((axis) => x!.dims[axis]!),
      (position) => {
        const source = x!.dims.map((_, axis) => position[order.indexOf(axis)]!);
        return at(x!, source);
      },
    ),
  ];
};

const concat: Kernel = ({ x, attributes }) => {
  const parts = x.map((part) => part!);
  const axis = fromFront(intAttribute(attributes, "axis", 0), parts[0]!.dims.length);
  const owner = parts.flatMap((part, k) =>
    Array.from({ length: part.dims[axis]! }, (_, index) => ({ k, index })),
  );
  const dims = parts[0]!.dims.map((length, k) => (k === axis ? owner.length : length));
  return [
    generate(dims, (position) => {
      const { k, index } = owner[position[axis]!]!;
      return at(parts[k]!, position.with(axis, index));
    }),
  ];
};

const split: Kernel = ({ x: [x, lengths], attributes, outputs }) => {
  const axis = fromFront(intAttribute(attributes, "axis", 0), x!.dims.length);
  const whole = x!.dims[axis]!;
  const part = Math.ceil(whole / outputs);
  const even = Array.from({ length: outputs }, (_, k) => Math.min(part, whole - k * part));
  let start = 0;
  return (numbersOf(lengths) ?? even).map((length) => {
    const first = start;
    start += length;
    return generate(x!.dims.with(axis, length), (position) =>
      at(x!, position.with(axis, first + position[axis]!)),
    );
  });
};

const slice: Kernel = ({ x: [x, starts, ends, axes, steps] }) => {
  const along = numbersOf(axes) ?? [...starts!.data.keys()];
  const taken = x!.dims.map((length) => Array.from({ length }, (_, index) => index));
  for (const [k, given] of along.entries()) {
    const axis = fromFront(given, x!.dims.length);
    const length = x!.dims[axis]!;
    const step = steps?.data[k] ?? 1;
    const place = (index: number) => (index < 0 ? Math.max(index + length, step < 0 ? -1 : 0) : index);
    const [start, end] = [place(starts!.data[k]!), place(ends!.data[k]!)];
    const indices: number[] = [];
    if (step > 0) for (let i = start; i < Math.min(end, length); i += step) indices.push(i);
    else for (let i = Math.min(start, length - 1); i > end; i += step) indices.push(i);
    taken[axis] = indices;
  }
  return [
    generate(
      taken.map((indices) => indices.length),
      (position) =>
        at(
          x!,
          position.map((index, axis) => taken[axis]![index]!),
        ),
    ),
  ];
};

const expand: Kernel = ({ x: [x, shape] }) => {
  const wanted = numbersOf(shape)!;
  const rank = Math.max(wanted.length, x!.dims.length);
  const own = (axis: number) => x!.dims[axis - rank + x!.dims.length] ?? 1;
  const dims = Array.from({ length: rank }, (_, axis) =>
    Math.max(own(axis), wanted[axis - rank + wanted.length] ?? 1),
  );
  return [
    generate(dims, (position) =>
      at(
        x!,
        x!.dims.map((length, axis) => (length === 1 ? 0 : position[axis + rank - x!.dims.length]!)),
      ),
    ),
  ];
};

const constantOfShape: Kernel = ({ x: [shape], attributes: { value } }) => {
  const filler = value !== undefined && "tensor" in value ? Number(value.tensor.data[0]) : 0;
  return [generate(numbersOf(shape)!, () => filler)];
};

const shapeOf: Kernel = ({ x: [x], attributes }) => {
  const dims = x!.dims.slice(
    intAttribute(attributes, "start", 0),
    intAttribute(attributes, "end", x!.dims.length),
  );
  return [array([dims.length], dims)];
};

export const movementKernels: Readonly<Record<string, Kernel>> = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Expand: expand,
  ConstantOfShape: constantOfShape,
  Shape: shapeOf,
};
