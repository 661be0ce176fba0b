import type { GradientCase } from "./case.ts";

export const blockCases: readonly GradientCase[] = [
  ...["DCR", "CRD"].map(
    (mode): GradientCase => ({
      name: `DepthToSpace ${mode}`,
      inputs: [["2n", 12, 3, 5]],
      build: (g, [x]) => g.node("DepthToSpace", [x!], { blocksize: 2, mode }),
    }),
  ),
  {
    name: "DepthToSpace by 3, without a mode",
    inputs: [["2n", 18, 1, 2]],
    build: (g, [x]) => g.node("DepthToSpace", [x!], { blocksize: 3 }),
  },
  {
    name: "SpaceToDepth",
    inputs: [["2n", 3, 4, 6]],
    build: (g, [x]) => g.node("SpaceToDepth", [x!], { blocksize: 2 }),
  },
];
