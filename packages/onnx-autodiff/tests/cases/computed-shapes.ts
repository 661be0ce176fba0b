import type { CaseGraph, GradientCase } from "./case.ts";

const end = 2 ** 31 - 1;

/** One length of a value, as exporters take it: Shape, Gather, Unsqueeze. */
function lengthOf(g: CaseGraph, value: string, axis: number): string {
  const length = g.node("Gather", [g.node("Shape", [value]), g.int64([axis], [])]);
  return g.node("Unsqueeze", [length, g.int64([0])]);
}

const joined = (g: CaseGraph, ...parts: readonly string[]) => g.node("Concat", parts, { axis: 0 });

/** A Slice of one axis, whose settings are values. */
function slice(g: CaseGraph, x: string, axis: number, start: string, stop: string, step?: string): string {
  return g.node("Slice", [x, start, stop, g.int64([axis]), ...(step === undefined ? [] : [step])]);
}

/** A count that is only known at run time, since exponentials are not folded: how many elements of a constant are above 0. */
function unforeseen(g: CaseGraph, count: number): string {
  const flags = g.floats(Array.from({ length: 5 }, (_, k) => (k < count ? 1 : -1)));
  const places = g.node("NonZero", [g.node("Greater", [g.node("Exp", [flags]), g.floats([1], [])])]);
  return lengthOf(g, places, 1);
}

/** Shapes, ranges and lengths that the graph itself computes. */
export const computedShapeCases: readonly GradientCase[] = [
  {
    name: "Reshape to a computed batch",
    inputs: [["2n", 3, 4]],
    build: (g, [x]) => g.node("Reshape", [g.node("Exp", [x!]), joined(g, lengthOf(g, x!, 0), g.int64([-1]))]),
  },
  {
    name: "Reshape to a shape known at run time only",
    inputs: [["2n", 3, 4]],
    build: (g, [x]) => {
      const apart = g.node("Reshape", [x!, joined(g, unforeseen(g, 4), unforeseen(g, 3), g.int64([-1]))]);
      return g.node("Mul", [apart, apart]);
    },
  },
  {
    name: "Reshape of an axis whose length is not known, and back",
    inputs: [["2n", 6]],
    build: (g, [x]) => {
      const cut = slice(g, x!, 1, g.int64([0]), unforeseen(g, 4));
      return g.node("Exp", [g.node("Reshape", [cut, joined(g, g.int64([2, -1]), lengthOf(g, x!, 0))])]);
    },
  },
  {
    name: "Reshape with allowzero",
    inputs: [["2n", 3, 4]],
    build: (g, [x]) => g.node("Exp", [g.node("Reshape", [x!, g.int64([3, 8])], { allowzero: 1 })]),
  },
  {
    name: "Expand to a computed shape",
    inputs: [
      [1, 3],
      ["2n", 2],
    ],
    build: (g, [x, y]) => {
      const wide = g.node("Expand", [x!, joined(g, unforeseen(g, 2), lengthOf(g, y!, 0), g.int64([3]))]);
      return g.node("Mul", [g.node("Exp", [wide]), g.node("ReduceSum", [y!])]);
    },
  },
  {
    name: "Tile by computed repeats",
    inputs: [["2n", 3]],
    build: (g, [x]) => g.node("Tile", [x!, joined(g, unforeseen(g, 3), lengthOf(g, x!, 0))]),
  },
  {
    name: "Slice to a computed end",
    inputs: [["2n", 5, 3]],
    build: (g, [x]) => slice(g, x!, 1, g.int64([1]), unforeseen(g, 4)),
  },
  {
    name: "Slice from a computed start, counted from the end",
    inputs: [["2n", 5]],
    build: (g, [x]) => slice(g, x!, 1, g.node("Neg", [unforeseen(g, 2)]), g.int64([end])),
  },
  {
    name: "Slice of images by int32 settings",
    inputs: [["2n", 5]],
    build: (g, [x]) =>
      g.node("Slice", [
        x!,
        ...[
          [-2, 4],
          [end, 0],
          [0, 1],
          [1, -3],
        ].map((row) => g.int32(row)),
      ]),
  },
  {
    name: "Slice of two axes, one of them to a computed end",
    inputs: [["2n", 5, 6]],
    build: (g, [x]) =>
      g.node("Slice", [
        x!,
        g.int64([-4, 1]),
        joined(g, unforeseen(g, 4), g.int64([end])),
        g.int64([2, 1]),
        g.int64([1, 2]),
      ]),
  },
  {
    name: "Slice of images from the last but one",
    inputs: [["2n", 3]],
    build: (g, [x]) => slice(g, x!, 0, g.int64([-1]), g.int64([end])),
  },
  {
    name: "Slice of every second image",
    inputs: [["2n", 3]],
    build: (g, [x]) => slice(g, x!, 0, g.int64([0]), g.int64([end]), g.int64([2])),
  },
  {
    name: "Slice of images backwards",
    inputs: [[3, "2n", 5]],
    build: (g, [x]) =>
      g.node("Slice", [x!, g.int64([-1, 1]), g.int64([-end, 4]), g.int64([1, 2]), g.int64([-1, 2])]),
  },
  {
    name: "Slice of nothing",
    inputs: [["2n", 4]],
    build: (g, [x]) => {
      const nothing = slice(g, x!, 1, g.int64([3]), unforeseen(g, 2));
      return g.node("Concat", [nothing, x!], { axis: 1 });
    },
  },
  {
    name: "Split, whose parts are of computed lengths",
    inputs: [["2n", 5]],
    build: (g, [x]) => {
      const lengths = joined(g, unforeseen(g, 2), unforeseen(g, 3));
      return g.node("Exp", [g.nodes("Split", [x!, lengths], 2, { axis: 1 })[1]!]);
    },
  },
  {
    name: "Concat of images",
    inputs: [
      ["2n", 3],
      [4, 3],
      ["2n", 3],
    ],
    build: (g, inputs) => g.node("Exp", [g.node("Concat", inputs, { axis: 0 })]),
  },
  {
    name: "Gather along an axis of a length known at run time only",
    inputs: [["2n", 5, 3]],
    build: (g, [x]) => {
      const cut = slice(g, x!, 1, g.int64([1]), unforeseen(g, 4));
      return g.node("Gather", [cut, g.int64([0, -1, 2, 0], [2, 2])], { axis: 1 });
    },
  },
  {
    name: "GatherND of an axis of a length known at run time only",
    inputs: [[4, "2n", 3]],
    build: (g, [x]) => {
      const cut = slice(g, x!, 0, g.int64([0]), unforeseen(g, 3));
      return g.node("GatherND", [cut, g.int64([0, -1, 2, 0, -1, 1], [3, 2])]);
    },
  },
];

export const splittingCases: readonly GradientCase[] = [
  ...[17, 18].map(
    (opset): GradientCase => ({
      name: `Split in equal parts, operator set ${opset}`,
      opset,
      inputs: [["2n", 6]],
      build: (g, [x]) => {
        const equal = { axis: -1, ...(opset >= 18 && { num_outputs: 3 }) };
        const [a, , c] = g.nodes("Split", [x!], 3, equal) as [string, string, string];
        return g.node("Mul", [a, c]);
      },
    }),
  ),
  {
    name: "Split in parts, the last of which is smaller",
    opset: 18,
    inputs: [["2n", 7]],
    build: (g, [x]) => {
      const [a, b, c] = g.nodes("Split", [x!], 3, { axis: 1, num_outputs: 3 }) as [string, string, string];
      return g.node("Concat", [g.node("Exp", [c]), g.node("Mul", [a, b])], { axis: 1 });
    },
  },
  {
    name: "Split of images",
    inputs: [[4, "2n"]],
    build: (g, [x]) => g.node("Mul", g.nodes("Split", [g.node("Transpose", [x!]), g.int64([1, 1])], 2)),
  },
];
