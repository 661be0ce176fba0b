import type { GradientCase } from "./case.ts";

/** About a third of the places lie outside. */
const cases = ["zeros", "border", "reflection"].flatMap((padding_mode) =>
  [0, 1].flatMap((align_corners) =>
    ["linear", "nearest"].map((mode) => ({ padding_mode, align_corners, mode })),
  ),
);

export const gridSampleCases: readonly GradientCase[] = [
  ...cases.flatMap((attributes): GradientCase[] => {
    const name = Object.values(attributes).join(" ");
    return [
      {
        name: `GridSample 2D ${name}`,
        opset: 20,
        inputs: [[2, 3, 4, 5]],
        build: (g, [x]) => g.node("GridSample", [x!, g.weight([2, 3, 6, 2])], attributes),
      },
      {
        name: `GridSample 3D ${name}`,
        opset: 20,
        inputs: [[2, 2, 3, 4, 2]],
        build: (g, [x]) => g.node("GridSample", [x!, g.weight([2, 2, 3, 2, 3])], attributes),
      },
    ];
  }),
  {
    name: "GridSample bilinear, operator set 16",
    inputs: [[2, 3, 4, 5]],
    build: (g, [x]) => g.node("GridSample", [x!, g.weight([2, 3, 6, 2])], { mode: "bilinear" }),
  },
];
