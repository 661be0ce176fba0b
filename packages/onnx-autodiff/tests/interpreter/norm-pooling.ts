import { intAttribute, intsAttribute } from "@voxplain/onnx-graph";
import { at, generate, positions } from "./array.ts";
import type { Kernel } from "./kernel.ts";
import { isInside, windowsOf } from "./spatial.ts";

const lpPool: Kernel = ({ x: [x], attributes }) => {
  const [batch, channels, ...space] = x!.dims as [number, number, ...number[]];
  const kernel = intsAttribute(attributes, "kernel_shape", []);
  const { lengths, place } = windowsOf(attributes, space, kernel);
  return [
    generate([batch, channels, ...lengths], ([n, channel, ...window]) => {
      const inside = Array.from(positions(kernel), (tap) => place(window, tap)).filter((position) =>
        isInside(position, space),
      );
      return norm(
        inside.map((position) => at(x!, [n!, channel!, ...position])),
        intAttribute(attributes, "p", 2),
      );
    }),
  ];
};

const globalLpPool: Kernel = ({ x: [x], attributes }) => {
  const [batch, channels, ...space] = x!.dims as [number, number, ...number[]];
  return [
    generate([batch, channels, ...space.map(() => 1)], ([n, channel]) =>
      norm(
        Array.from(positions(space), (position) => at(x!, [n!, channel!, ...position])),
        intAttribute(attributes, "p", 2),
      ),
    ),
  ];
};

function norm(values: readonly number[], p: number): number {
  return values.reduce((sum, value) => sum + Math.abs(value) ** p, 0) ** (1 / p);
}

export const normPoolingKernels: Readonly<Record<string, Kernel>> = {
  LpPool: lpPool,
  GlobalLpPool: globalLpPool,
};
