import type { Tensor } from "@voxplain/core";
import type { AttributeValues } from "../builder.ts";
import type { Attributes, ValueInfo } from "../model.ts";
import type { OperatorName, StandardNode } from "../operator-name.ts";

export interface UpgradeContext {
  readonly node: StandardNode;
  /** The operator set that the node is written in. */
  readonly opset: number;
  /** What is known of a value. */
  value(name: string): ValueInfo | undefined;
  /** The numbers of a constant; undefined where it is computed. */
  numbers(name: string | undefined): readonly number[] | undefined;
  /** Whether anything needs the value. */
  isUsed(name: string): boolean;
  /** A constant of the graph, named after the node and what it is. Returns its name. */
  constant(label: string, value: Tensor): string;
  int64(label: string, values: readonly number[]): string;
  /** Adds a node on the way to the result. Returns its output. */
  add(opType: OperatorName, inputs: readonly string[], attributes?: AttributeValues): string;
  /** Adds the node with some of its parts changed; those that are not named stay. */
  put(changes: Partial<Pick<StandardNode, "opType" | "inputs" | "outputs" | "attributes">>): void;
  /** An error that names the node. */
  unsupported(what: string): Error;
}

/** Adds what computes a node's outputs in operator set 17. */
export type Upgrade = (context: UpgradeContext) => void;

/** An operator, and how nodes from before the operator set in which it changed are written since. */
export interface Change {
  readonly since: number;
  readonly upgrade: Upgrade;
}

export function without(attributes: Attributes, ...keys: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => !keys.includes(key)));
}
