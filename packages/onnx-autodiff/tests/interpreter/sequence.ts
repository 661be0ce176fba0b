import { intAttribute } from "@voxplain/onnx-graph";
import { at, generate } from "./array.ts";
import { fromFront, type Kernel } from "./kernel.ts";

const cumulativeSum: Kernel = ({ x: [x, along], attributes }) => {
  const axis = fromFront(along!.data[0]!, x!.dims.length);
  const exclusive = intAttribute(attributes, "exclusive", 0) === 1;
  const reverse = intAttribute(attributes, "reverse", 0) === 1;
  return [
    generate(x!.dims, (position) => {
      let sum = 0;
      for (let k = 0; k < x!.dims[axis]!; k++) {
        const isBefore = reverse ? k > position[axis]! : k < position[axis]!;
        if (isBefore || (k === position[axis] && !exclusive)) sum += at(x!, position.with(axis, k));
      }
      return sum;
    }),
  ];
};

const reverseSequence: Kernel = ({ x: [x, lengths], attributes }) => {
  const time = intAttribute(attributes, "time_axis", 0);
  const batch = intAttribute(attributes, "batch_axis", 1);
  return [
    generate(x!.dims, (position) => {
      const [step, length] = [position[time]!, lengths!.data[position[batch]!]!];
      return at(x!, step < length ? position.with(time, length - 1 - step) : position);
    }),
  ];
};

const triangle: Kernel = ({ x: [x, diagonal], attributes }) => {
  const k = diagonal?.data[0] ?? 0;
  const upper = intAttribute(attributes, "upper", 1) === 1;
  return [
    generate(x!.dims, (position) => {
      const [row, column] = position.slice(-2) as [number, number];
      const isKept = upper ? column - row >= k : column - row <= k;
      return isKept ? at(x!, position) : 0;
    }),
  ];
};

export const sequenceKernels: Readonly<Record<string, Kernel>> = {
  CumSum: cumulativeSum,
  ReverseSequence: reverseSequence,
  Trilu: triangle,
};
