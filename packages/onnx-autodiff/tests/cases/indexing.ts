import type { AttributeValue, OperatorName } from "@voxplain/onnx-graph";
import type { CaseGraph, GradientCase } from "./case.ts";

type Attributes = Readonly<Record<string, AttributeValue>>;
type Dims = readonly (number | "2n")[];

interface Indices {
  readonly dims: readonly number[];
  readonly values: readonly number[];
}

const vector = (...values: readonly number[]): Indices => ({ dims: [values.length], values });
const scalar = (value: number): Indices => ({ dims: [], values: [value] });
const matrix = (dims: readonly number[], ...values: readonly number[]): Indices => ({ dims, values });
const stored = (g: CaseGraph, { values, dims }: Indices) => g.int64(values, dims);

/** An operator on x and indices. */
function taken(
  opType: OperatorName,
  name: string,
  dims: Dims,
  indices: Indices,
  attributes: Attributes = {},
): GradientCase {
  return {
    name: `${opType} ${name}`,
    inputs: [dims],
    build: (g, [x]) => g.node(opType, [x!, stored(g, indices)], attributes),
  };
}

/** An operator on x, indices and updates y. */
function put(
  opType: OperatorName,
  name: string,
  dims: Dims,
  indices: Indices,
  updates: Dims,
  attributes: Attributes = {},
): GradientCase {
  return {
    name: `${opType} ${name}`,
    inputs: [dims, updates],
    build: (g, [x, y]) => g.node(opType, [x!, stored(g, indices), y!], attributes),
  };
}

const add = { reduction: "add" };

export const indexingCases: readonly GradientCase[] = [
  taken("Gather", "of rows, some twice", [4, 3], matrix([2, 2], 0, -1, 2, 0)),
  taken("Gather", "along an inner axis", ["2n", 5, 3], vector(4, 0, 4, -5), { axis: 1 }),
  taken("Gather", "along the last axis by a matrix", ["2n", 3, 4], matrix([3, 2], 3, 1, 0, -1, 1, 1), {
    axis: -1,
  }),
  taken("Gather", "by a matrix in front of a free axis", [3, "2n", 4], matrix([2, 1], 2, 0)),
  taken("Gather", "of the class token", ["2n", 5, 3], scalar(0), { axis: 1 }),
  taken("Gather", "of the last token", ["2n", 5, 3], vector(-1), { axis: -2 }),
  taken("Gather", "of the last image", ["2n", 3], scalar(-1)),
  taken("Gather", "of images", ["2n", 3], vector(1, 0, 1)),
  {
    name: "Gather by int32 indices",
    inputs: [["2n", 4]],
    build: (g, [x]) => g.node("Gather", [x!, g.int32([1, 3, 1])], { axis: 1 }),
  },
  {
    name: "Gather where the maximum is",
    inputs: [[5, 3]],
    build: (g, [x]) => {
      const largest = g.node("ArgMax", [g.node("ReduceSum", [x!, g.int64([1])])], { axis: 0 });
      return g.node("Gather", [g.node("Exp", [x!]), largest]);
    },
  },
  taken(
    "GatherElements",
    "along rows",
    ["2n", 4, 3],
    matrix([2, 3, 2], 0, 1, 1, -1, 1, 3, 2, 2, 0, 0, -4, 3),
    {
      axis: 1,
    },
  ),
  taken("GatherElements", "of the first axis", [3, 4], matrix([2, 4], 0, 2, 2, 1, -1, 2, 0, 1)),
  taken("GatherND", "of rows", ["2n", 3, 4], matrix([3, 1], 1, 0, 1)),
  taken("GatherND", "of elements", [3, 4, 2], matrix([2, 2, 3], 0, 1, 1, 2, -1, 0, 0, 1, 1, -3, 3, 0)),
  taken("GatherND", "of one row, by a vector", [3, 4, 2], vector(2, -1)),
  taken("GatherND", "image by image", ["2n", 3, 4], matrix([2, 3, 1], 0, 2, 2, 1, 1, -3), { batch_dims: 1 }),
  taken("GatherND", "with two batch axes", ["2n", 3, 4, 2], matrix([2, 3, 1], 0, 3, 1, -1, 2, 2), {
    batch_dims: 2,
  }),
  put(
    "ScatterElements",
    "along rows",
    ["2n", 4, 3],
    matrix([2, 2, 3], 0, 1, 2, 3, -2, 0, 2, 1, 0, 1, 3, 2),
    [2, 2, 3],
    {
      axis: 1,
    },
  ),
  put("ScatterElements", "that adds", [3, 4], matrix([2, 3], 0, 2, 0, 1, 1, -1), [2, 3], {
    axis: -1,
    ...add,
  }),
  put("ScatterND", "of rows", ["2n", 3], matrix([1, 1], -1), [1, 3]),
  put("ScatterND", "of elements", [3, 4, 2], matrix([2, 2, 2], 0, 1, 2, 3, 1, 0, 0, -1), [2, 2, 2]),
  put("ScatterND", "that adds", [3, 4], matrix([3, 1], 0, 2, 0), [3, 4], add),
  ...[{ largest: 1 }, { largest: 0, axis: 1 }, { sorted: 0, axis: 0 }].map(
    (attributes): GradientCase => ({
      name: `TopK ${JSON.stringify(attributes)}`,
      inputs: [["2n", 4, 5]],
      // Their order is left open where they are not sorted.
      build: (g, [x]) => {
        const [values] = g.nodes("TopK", [x!, g.int64([2])], 2, attributes) as [string, string];
        return "sorted" in attributes ? g.node("ReduceSum", [g.node("Exp", [values]), g.int64([0])]) : values;
      },
    }),
  ),
  ...[{ axis: 1 }, { axis: -1 }, {}].map(
    (attributes): GradientCase => ({
      name: `Compress ${JSON.stringify(attributes)}`,
      inputs: [["2n", 4, 3]],
      build: (g, [x]) => g.node("Compress", [x!, g.bools([0, 1, 1], [3])], attributes),
    }),
  ),
  {
    name: "OneHot of the predicted class, times the logits",
    inputs: [["2n", 4]],
    build: (g, [x]) => {
      const predicted = g.node("ArgMax", [x!], { axis: 1 });
      const row = g.node("Reshape", [predicted, g.int64([-1])]);
      return g.node("Mul", [x!, g.node("OneHot", [row, g.int64([4], []), g.floats([0, 1])])]);
    },
  },
];

export const sequenceCases: readonly GradientCase[] = [
  ...[0, 1].flatMap((exclusive) =>
    [0, 1].map((reverse) =>
      taken("CumSum", `exclusive ${exclusive}, reverse ${reverse}`, ["2n", 4, 3], scalar(1 - 3 * reverse), {
        exclusive,
        reverse,
      }),
    ),
  ),
  taken("ReverseSequence", "of columns", [4, "2n", 3], vector(3, 1), { time_axis: 0, batch_axis: 1 }),
  taken("ReverseSequence", "of rows", ["2n", 5], vector(5, 2), { time_axis: 1, batch_axis: 0 }),
  ...[-1, 0, 2].flatMap((diagonal) =>
    [0, 1].map((upper) =>
      taken("Trilu", `${upper} from ${diagonal}`, ["2n", 4, 5], scalar(diagonal), { upper }),
    ),
  ),
  {
    name: "Trilu without a diagonal",
    inputs: [[4, 3]],
    build: (g, [x]) => g.node("Trilu", [x!]),
  },
  taken("Tile", "of inner axes", ["2n", 3, 1, 4], vector(1, 2, 3, 1)),
  taken("Tile", "of the batch", ["2n", 3], vector(3, 2)),
  taken("Tile", "once", ["2n", 3], vector(1, 1)),
  ...[{}, { axis: 0 }, { axis: 1 }].map(
    (attributes): GradientCase => ({
      name: `OneHot, at its two values ${JSON.stringify(attributes)}`,
      inputs: [[2]],
      build: (g, [values]) =>
        g.node("OneHot", [g.int64([0, 2, -1, 2]), g.int64([3], []), values!], attributes),
    }),
  ),
];
