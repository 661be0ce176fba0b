import { intAttribute, stringAttribute } from "@voxplain/onnx-graph";
import { at, generate, positions } from "./array.ts";
import type { Kernel } from "./kernel.ts";

/** Linear: weights of all elements by their distance. Nearest: the closest one, of two the even one. */
const gridSample: Kernel = ({ x: [x, grid], attributes }) => {
  const [batch, channels, ...space] = x!.dims as [number, number, ...number[]];
  const places = grid!.dims.slice(1, -1);
  const isAligned = intAttribute(attributes, "align_corners", 0) === 1;
  const outside = stringAttribute(attributes, "padding_mode", "zeros");
  const isNearest = stringAttribute(attributes, "mode", "linear") === "nearest";
  const positionOf = (coordinate: number, length: number) => {
    let position = isAligned ? ((coordinate + 1) / 2) * (length - 1) : ((coordinate + 1) * length - 1) / 2;
    if (outside === "border") return Math.min(Math.max(position, 0), length - 1);
    const [low, high] = isAligned ? [0, length - 1] : [-0.5, length - 0.5];
    while (outside === "reflection" && (position < low || position > high))
      position = position < low ? 2 * low - position : 2 * high - position;
    return position;
  };
  const weightsOf = (position: number, length: number) => {
    const weights = new Array<number>(length).fill(0);
    for (let index = -1; index <= length; index++) {
      const weight = isNearest
        ? Number(index === roundToEven(position))
        : Math.max(0, 1 - Math.abs(position - index));
      const inside = Math.min(Math.max(index, 0), length - 1);
      if (inside === index || outside !== "zeros") weights[inside]! += weight;
    }
    return weights;
  };
  return [
    generate([batch, channels, ...places], ([n, channel, ...place]) => {
      const weights = space.map((length, axis) => {
        const coordinate = at(grid!, [n!, ...place, space.length - 1 - axis]);
        return weightsOf(positionOf(coordinate, length), length);
      });
      let sum = 0;
      for (const position of positions(space)) {
        const weight = position.reduce((product, index, axis) => product * weights[axis]![index]!, 1);
        sum += weight * at(x!, [n!, channel!, ...position]);
      }
      return sum;
    }),
  ];
};

function roundToEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

export const gridSampleKernels: Readonly<Record<string, Kernel>> = {
  GridSample: gridSample,
  Round: ({ x: [x] }) => [{ dims: x!.dims, data: x!.data.map(roundToEven) }],
};
