import { elementAt } from "@voxplain/core";
import { intAttribute, intsAttribute, stringAttribute } from "../builder.ts";
import {
  arithmeticOperators,
  comparisonOperators,
  truthOperators,
  unaryOperators,
} from "../elementwise-operators.ts";
import type { Dim, Node } from "../model.ts";
import { type ByOperator, entryFor, forOperators } from "../operator-name.ts";
import { axisFromFront, fromFront } from "../shape-rules/axes.ts";
import { einsumTerms } from "../shape-rules/einsum.ts";
import { reshapedRoles } from "./reshaped-axes.ts";
import { channel, isOpen, type Roles, rolesInOrder, unknown } from "./roles.ts";

/** An input of a node: its lengths, and what its axes are where it depends on the image. */
export interface Operand {
  readonly dims: readonly Dim[];
  /** undefined for what does not depend on the image. */
  readonly roles: readonly Roles[] | undefined;
  /** Elements of a constant such as axes. */
  readonly numbers: readonly number[] | undefined;
}

export interface RoleContext {
  readonly node: Node;
  readonly inputs: readonly (Operand | undefined)[];
  /** Lengths of the first output. */
  readonly dims: readonly Dim[];
  /** Roles of the first input. */
  readonly x: readonly Roles[];
}

/** Gives what the axes of a node's outputs are; undefined where that is not known. */
export type RoleRule = (context: RoleContext) => readonly Roles[] | undefined;

/** Broadcasts: an axis that is stretched counts only where no other operand has it. */
const aligned: RoleRule = ({ inputs, dims }) => alignedRoles(inputs, dims);

function alignedRoles(inputs: RoleContext["inputs"], dims: readonly Dim[]): readonly Roles[] {
  return dims.map((length, axis) => {
    const found = inputs.flatMap((input) => {
      if (input === undefined) return [];
      const own = axis - dims.length + input.dims.length;
      const roles = input.roles?.[own] ?? 0;
      return roles === 0 ? [] : [{ roles, isStretched: input.dims[own] === 1 && length !== 1 }];
    });
    const full = found.filter(({ isStretched }) => !isStretched);
    return agreed((full.length > 0 ? full : found).map(({ roles }) => roles));
  });
}

/** What is known of one axis from several sides. */
function agreed(found: readonly Roles[]): Roles {
  const distinct = [...new Set(found)];
  if (distinct.length <= 1) return distinct[0] ?? 0;
  const [known = unknown, ...others] = distinct.filter((roles) => !isOpen(roles));
  return others.length === 0 ? known : unknown;
}

const concat: RoleRule = ({ inputs, dims }) =>
  dims.map((_, axis) => agreed(inputs.flatMap((input) => input?.roles?.[axis] || [])));

const kept: RoleRule = ({ x, dims }) => (x.length === dims.length ? x : undefined);

/** [N, C, …]: what no node before has shown is so here, and of two axes of length 1 that may be exchanged C is the channel. */
const inOrder: RoleRule = ({ x, inputs: [input] }) => inOrderOf(x, input);

function inOrderOf(x: readonly Roles[], input?: Operand): readonly Roles[] {
  const order = rolesInOrder(x.length);
  const found = x.map((roles, axis) => (isOpen(roles) ? elementAt(order, axis) : roles));
  const other = found.indexOf(channel);
  if (other < 2 || input?.dims[1] !== 1 || input.dims[other] !== 1) return found;
  return found.with(other, elementAt(found, 1)).with(1, channel);
}

/** As `inOrder`, with channels of its own. */
const newChannels: RoleRule = ({ x, inputs: [input] }) => inOrderOf(x, input).with(1, channel);

const transpose: RoleRule = ({ node, x }) =>
  intsAttribute(node.attributes, "perm", [...x.keys()].reverse()).map((axis) => elementAt(x, axis));

const reshape: RoleRule = ({ inputs: [input], x, dims }) => input && reshapedRoles(x, input.dims, dims);

const squeeze: RoleRule = ({ inputs: [input, axes], x }) => {
  const ones = [...x.keys()].filter((axis) => input?.dims[axis] === 1);
  const removed = new Set(axes === undefined ? ones : axes.numbers && fromFront(axes.numbers, x.length));
  return axes !== undefined && axes.numbers === undefined ? undefined : x.filter((_, k) => !removed.has(k));
};

const unsqueeze: RoleRule = ({ inputs: [, axes], x }) => {
  if (axes?.numbers === undefined) return undefined;
  const rank = x.length + axes.numbers.length;
  const added = new Set(fromFront(axes.numbers, rank));
  const rest = x.values();
  return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 0 : (rest.next().value ?? unknown)));
};

const reduction: RoleRule = ({ node, inputs: [, axes], x, dims }) => {
  if (dims.length === x.length) return x;
  const given = axes === undefined ? intsAttribute(node.attributes, "axes", []) : axes.numbers;
  if (given === undefined) return undefined;
  const removed = new Set(fromFront(given, x.length));
  return x.filter((_, axis) => !removed.has(axis));
};

const extremum: RoleRule = ({ node, x, dims }) => {
  if (dims.length === x.length) return x;
  const removed = axisFromFront(intAttribute(node.attributes, "axis", 0), x.length);
  return x.filter((_, axis) => axis !== removed);
};

/** An index leaves the axis out, a list of them keeps it. */
const gather: RoleRule = ({ node, inputs: [table, indices], x }) => {
  if (indices === undefined || indices.roles !== undefined || table?.roles === undefined) return undefined;
  const axis = axisFromFront(intAttribute(node.attributes, "axis", 0), x.length);
  return [...x.slice(0, axis), ...indices.dims.map(() => elementAt(x, axis)), ...x.slice(axis + 1)];
};

/** Features that weights make of the features before; of an axis of anything else nothing is known any more. */
const mixed = (roles: Roles | undefined): Roles =>
  roles === channel || roles === undefined || isOpen(roles) || roles === unknown ? channel : unknown;

const matMul: RoleRule = ({ inputs: [a, b], dims }) => {
  if (a === undefined || b === undefined || a.dims.length < 2 || b.dims.length < 2) return undefined;
  const leading = [a, b].map((each) => ({
    ...each,
    dims: each.dims.slice(0, -2),
    roles: each.roles?.slice(0, -2),
  }));
  const front = alignedRoles(leading, dims.slice(0, -2));
  const rows = a.roles === undefined ? mixed(b.roles?.at(-2)) : (a.roles.at(-2) ?? unknown);
  const columns = b.roles === undefined ? mixed(a.roles?.at(-1)) : (b.roles.at(-1) ?? unknown);
  return [...front, rows, columns];
};

/** A matrix of images and features. */
const gemm: RoleRule = ({ node, inputs: [a], x }) =>
  a?.roles === undefined ? undefined : [x[intAttribute(node.attributes, "transA", 0)] ?? unknown, channel];

const einsum: RoleRule = ({ node, inputs }) => {
  const terms = einsumTerms(
    stringAttribute(node.attributes, "equation", ""),
    inputs.map((input) => input?.dims.length ?? 0),
  );
  return [...terms.output].map((letter) => {
    const found = inputs.flatMap((input, k) => {
      const axis = elementAt(terms.inputs, k).indexOf(letter);
      return input?.roles === undefined || axis < 0 ? [] : [elementAt(input.roles, axis)];
    });
    // An axis of weights alone.
    return found.length === 0 ? channel : agreed(found);
  });
};

/** Places in the image are those of the grid [N, …places, axes]. */
const gridSample: RoleRule = ({ x, dims }) => {
  const order = rolesInOrder(dims.length);
  return inOrderOf(x).map((roles, axis) => (axis < 2 ? roles : elementAt(order, axis)));
};

export const roleRules: ByOperator<RoleRule> = {
  ...forOperators(unaryOperators, aligned),
  ...forOperators(arithmeticOperators, aligned),
  ...forOperators(comparisonOperators, aligned),
  ...forOperators(truthOperators, aligned),
  ...forOperators("Identity Cast CastLike Where Expand QuantizeLinear DequantizeLinear", aligned),
  ...forOperators("Softmax LogSoftmax Hardmax LpNormalization LayerNormalization CumSum Trilu Dropout", kept),
  ...forOperators(
    "Pad Slice Split Tile TopK Resize Upsample ReverseSequence ScatterElements ScatterND",
    kept,
  ),
  ...forOperators("Conv ConvTranspose ConvInteger", newChannels),
  ...forOperators(
    "MaxPool AveragePool LpPool MaxUnpool GlobalAveragePool GlobalMaxPool GlobalLpPool",
    inOrder,
  ),
  ...forOperators("BatchNormalization InstanceNormalization GroupNormalization LRN", inOrder),
  ...forOperators("DepthToSpace SpaceToDepth", inOrder),
  ...forOperators(
    "ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp",
    reduction,
  ),
  ReduceSumSquare: reduction,
  ...forOperators("ArgMax ArgMin", extremum),
  ...forOperators("Reshape Flatten", reshape),
  Concat: concat,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Gather: gather,
  MatMul: matMul,
  Gemm: gemm,
  Einsum: einsum,
  GridSample: gridSample,
};

/** Whether the first input of an operator is [batch, channel, …space] by its definition. */
export function definesAxes(node: Node): boolean {
  const rule = entryFor(roleRules, node);
  return rule === newChannels || rule === inOrder || rule === gridSample;
}
