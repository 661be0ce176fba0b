import type { GradientCase } from "./case.ts";

function pad(
  mode: string,
  name: string,
  dims: GradientCase["inputs"][number],
  pads: readonly number[],
): GradientCase {
  return {
    name: `Pad ${mode} ${name}`,
    inputs: [dims],
    build: (g, [x]) => g.node("Pad", [x!, g.int64(pads)], { mode }),
  };
}

const wide: readonly GradientCase[] = [
  { ...pad("edge", "wider than the axis", ["2n", 1, 1, 3], [0, 0, 2, 4, 0, 0, 3, 5]), opset: 17 },
  { ...pad("wrap", "twice as wide as the axis", ["2n", 1, 1, 3], [0, 0, 1, 3, 0, 0, 2, 7]), opset: 19 },
];

/** What stands in the padding is y. */
const computedFillers: readonly GradientCase[] = [
  {
    name: "Pad constant with a computed number, and cropped",
    inputs: [["2n", 2, 4, 5], []],
    build: (g, [x, y]) => g.node("Pad", [x!, g.int64([0, 0, 1, -1, 0, 1, 2, 3]), y!]),
  },
  {
    name: "Pad constant of two axes with a computed number",
    inputs: [["2n", 2, 4], [1]],
    build: (g, [x, y]) => g.node("Pad", [x!, g.int64([1, 0, 2, 3]), y!, g.int64([-1, 1])]),
    opset: 19,
  },
];

export const paddingCases: readonly GradientCase[] = [
  ...wide,
  ...computedFillers,
  ...["reflect", "edge", "wrap"].flatMap((mode) => {
    // Operator set 19 has wrap.
    const opset = mode === "wrap" ? 19 : 17;
    return [
      pad(mode, "1D, behind", ["2n", 2, 5], [0, 0, 0, 0, 0, 4]),
      pad(mode, "2D", ["2n", 2, 4, 5], [0, 0, 1, 3, 0, 0, 2, 1]),
      pad(mode, "3D", ["2n", 1, 3, 2, 4], [0, 0, 1, 1, 0, 0, 0, 2, 1, 3]),
      pad(mode, "by 1, and cropped on the other side", ["2n", 2, 4, 5], [0, 0, -1, 2, 0, 0, 1, -2]),
      pad(mode, "that only crops", ["2n", 2, 4, 5], [0, 0, -1, 0, 0, 0, 0, -2]),
      {
        name: `Pad ${mode} of channels and one axis`,
        inputs: [["2n", 3, 4, 5]],
        build: (g, [x]) => g.node("Pad", [x!, g.int64([1, 2, 0, 2]), "", g.int64([-1, 1])], { mode }),
        opset: 19,
      } satisfies GradientCase,
    ].map((each) => ({ opset, ...each }));
  }),
];
