import { stringAttribute } from "@voxplain/onnx-graph";
import { at, generate } from "./array.ts";
import { fromFront, type Kernel, numbersOf } from "./kernel.ts";

/** Crops, then takes each element from inside, or the constant. */
const pad: Kernel = ({ x: [x, pads, value, axes], attributes }) => {
  const mode = stringAttribute(attributes, "mode", "constant");
  const { dims } = x!;
  const along = (numbersOf(axes) ?? [...dims.keys()]).map((axis) => fromFront(axis, dims.length));
  const amount = (axis: number, side: number) =>
    along.includes(axis) ? pads!.data[along.indexOf(axis) + side * along.length]! : 0;
  const ranges = dims.map((length, axis) => ({
    first: Math.max(0, -amount(axis, 0)),
    last: length - 1 - Math.max(0, -amount(axis, 1)),
  }));
  return [
    generate(
      dims.map((length, axis) => length + amount(axis, 0) + amount(axis, 1)),
      (position) => {
        const wanted = position.map((index, axis) => index - amount(axis, 0));
        const source = wanted.map((index, axis) => inside(mode, index, ranges[axis]!));
        return source.includes(undefined) ? (value?.data[0] ?? 0) : at(x!, source as number[]);
      },
    ),
  ];
};

function inside(mode: string, wanted: number, { first, last }: { first: number; last: number }) {
  let index = wanted;
  while (index < first || index > last) {
    if (mode === "constant") return undefined;
    if (mode === "edge") index = index < first ? first : last;
    else if (mode === "reflect") index = index < first ? 2 * first - index : 2 * last - index;
    else index += index < first ? last - first + 1 : first - last - 1;
  }
  return index;
}

export const paddingKernels: Readonly<Record<string, Kernel>> = { Pad: pad };
