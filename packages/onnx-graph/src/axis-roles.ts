import { elementAt } from "@voxplain/core";
import { definesAxes, type Operand, roleRules } from "./axis-roles/role-rules.ts";
import { batch, channel, inputAxis, inputAxisOf, type Roles, space, unknown } from "./axis-roles/roles.ts";
import { inferConstants } from "./fold-constants.ts";
import { numbersIn } from "./folding/kernel.ts";
import type { Dim, Model, Node } from "./model.ts";
import { entryFor } from "./operator-name.ts";

/**
 * The axis of the only input along which a network has channels, as the convolutions, poolings and normalizations
 * show that it goes through first: those take [batch, channel, …space] by their definition, and operators between
 * the input and them move axes in a known way. undefined where no such operator shows it, or two contradict each other.
 */
export function channelAxisOfInput(model: Model): number | undefined {
  const dims = model.graph.inputs[0]?.dims;
  if (dims === undefined || model.graph.inputs.length !== 1) return undefined;
  const shown = new Set<number | undefined>();
  const symbols = dims.map((dim, axis) => (typeof dim === "number" ? dim : `axis ${axis}`));
  const axes = dims.map((_, axis) => inputAxis(axis));
  follow(withInput(model, symbols), axes, (roles) => {
    const order = orderOf(roles, dims);
    if (order?.[0] === 0) shown.add(order[1]);
  });
  const [axis] = shown;
  return shown.size === 1 && axis !== undefined ? sameWhereShort(axis, dims) : undefined;
}

/** The axes of the input in the order of a value that has the same ones; undefined where it has others. */
function orderOf(roles: readonly Roles[], dims: readonly Dim[]): readonly number[] | undefined {
  if (roles.length !== dims.length) return undefined;
  const missing = dims.flatMap((_, axis) => (roles.includes(inputAxis(axis)) ? [] : [axis]));
  // One of length 1 may have been taken out, and another put in.
  const isSame =
    missing.length === 0 || (missing.length === 1 && dims[elementAt(missing, 0)] === 1 && roles.includes(0));
  return isSame ? roles.map((each) => inputAxisOf(each) ?? elementAt(missing, 0)) : undefined;
}

/** Axes of length 1 can be exchanged: the one behind the batch stands for all of them, or else the last. */
function sameWhereShort(axis: number, dims: readonly unknown[]): number {
  if (dims[axis] !== 1) return axis;
  if (dims[1] === 1) return 1;
  return dims.at(-1) === 1 ? dims.length - 1 : axis;
}

/**
 * The axis of a value along which its channels (classes, of logits) stand; undefined where the graph does not show it.
 * @param value a value that depends on the input.
 * @param inputChannelAxis the axis of the input that holds channels, where that is known.
 */
export function channelAxisOf(model: Model, value: string, inputChannelAxis?: number): number | undefined {
  return channelAxes(model, inputChannelAxis).get(value);
}

/** The same axes as `channelAxisOf` gives, of all values of which the graph shows it, by their names. */
export function channelAxes(model: Model, inputChannelAxis?: number): ReadonlyMap<string, number> {
  const rank = model.graph.inputs[0]?.dims?.length;
  if (rank === undefined) return new Map();
  const followed = follow(model, inputRoles(rank, inputChannelAxis), () => {});
  return new Map(
    [...followed].flatMap(([name, roles]) => {
      const axis = channelAxisAmong(roles);
      return axis === undefined ? [] : [[name, axis] as const];
    }),
  );
}

/** Where the only channel has been taken out, an axis that has been added stands for it. */
function channelAxisAmong(roles: readonly Roles[]): number | undefined {
  const axesOf = (wanted: Roles) => [...roles.keys()].filter((axis) => roles[axis] === wanted);
  const channels = axesOf(channel);
  const hasChannels = roles.some((each) => (each & (channel | unknown)) !== 0);
  const found = hasChannels ? channels : axesOf(0);
  return found.length === 1 ? found[0] : undefined;
}

function inputRoles(rank: number, channelAxis: number | undefined): readonly Roles[] {
  let spatial = 0;
  return Array.from({ length: rank }, (_, axis) => {
    if (axis === 0) return batch;
    if (channelAxis === undefined) return unknown;
    return axis === channelAxis ? channel : space(spatial++);
  });
}

function withInput(model: Model, dims: readonly (number | string)[]): Model {
  const inputs = model.graph.inputs.map((input) => ({ ...input, dims }));
  // Lengths that the file states for inner values have other names.
  return { ...model, graph: { ...model.graph, inputs, valueInfo: [] } };
}

/** What the axes of each value are that depends on the input; `onTyped` sees what is put into operators that define it. */
function follow(
  model: Model,
  input: readonly Roles[],
  onTyped: (roles: readonly Roles[]) => void,
): ReadonlyMap<string, readonly Roles[]> {
  const { values, constants } = inferConstants(model);
  const known = new Map([[elementAt(model.graph.inputs, 0).name, input]]);
  for (const node of model.graph.nodes) {
    const roles = node.inputs.map((name) => known.get(name));
    // Lengths are no image.
    if (node.opType === "Shape" || node.opType === "Size" || roles.every((each) => each === undefined))
      continue;
    const [x] = roles;
    if (x !== undefined && definesAxes(node)) onTyped(x);
    const inputs = node.inputs.map((name, k): Operand | undefined => {
      const dims = values.get(name)?.dims;
      if (dims === undefined) return undefined;
      const constant = dims.length <= 1 ? constants.get(name) : undefined;
      return { dims, roles: roles[k], numbers: constant && numbersIn(constant) };
    });
    const isKnown = node.inputs.every((name, k) => name === "" || inputs[k] !== undefined);
    for (const name of node.outputs) {
      if (name === "" || constants.has(name)) continue;
      const { dims = [] } = values.get(name) ?? {};
      const found = isKnown ? rolesOf(node, inputs, dims) : undefined;
      known.set(name, found?.length === dims.length ? found : dims.map(() => unknown));
    }
  }
  return known;
}

function rolesOf(
  node: Node,
  inputs: readonly (Operand | undefined)[],
  dims: readonly Dim[],
): readonly Roles[] | undefined {
  return entryFor(roleRules, node)?.({ node, inputs, dims, x: inputs[0]?.roles ?? [] });
}
