import type { DType, Tensor } from "@voxplain/core";
import type { ByOperator, Dim, Emitter, Node, StandardNode } from "@voxplain/onnx-graph";

/** The name of the value that holds a cotangent; undefined where no gradient flows. */
export type Cotangent = string | undefined;

/** What a rule sees of the node that it differentiates, and how it adds nodes of its own. */
export interface RuleContext extends Emitter {
  /** The node of the forward graph whose rule is asked for. */
  readonly node: StandardNode;
  /** Names of the node's inputs, of which there is one at least; "" for one that is left out. */
  readonly x: readonly [string, ...string[]];
  /** Names of the node's outputs. */
  readonly y: readonly [string, ...string[]];
  /** Element type of the node's first output, which is that of its cotangent. */
  readonly dtype: DType;
  /** Axes of a value of the forward graph. @throws VoxplainError `unsupported` where their number is unknown. */
  dims(value: string): readonly Dim[];
  /** Lengths of the axes from `first` on. @throws VoxplainError `unsupported` where one is not a fixed number. */
  lengths(value: string, first?: number): readonly number[];
  /** The elements of a value that is constant and in memory, such as the pads of a Pad. */
  constantOf(value: string | undefined): Tensor | undefined;
  /** The node of the forward graph that computes a value; undefined for inputs and weights. */
  producer(value: string): Node | undefined;
  /** False where the gradient of an input is not asked for: a weight, an index. */
  wants(input: number): boolean;
  /** A constant, stored once however often it is asked for. */
  constant(value: Tensor): string;
  /** A constant of the type `dtype`; a scalar by default. */
  float(values: number | readonly number[], dims?: readonly number[]): string;
  /** The shape of a forward value as an int64 value; does not need the value itself where its axes are known. */
  shapeOf(value: string): string;
  /** Zeros of a shape (an int64 value), of the type `dtype`. */
  zeros(shape: string): string;
  /** The name of a further output of the forward node, which is added to it: the Indices of MaxPool, say. */
  extraOutput(position: number): string;
  /** Sums a cotangent of axes `from` over the axes along which the value `to` was broadcast to them. */
  unbroadcast(cotangent: string, from: readonly Dim[], to: string): string;
  /** An error that names the node. */
  unsupported(what: string): Error;
}

/**
 * The name of an input that the operator cannot do without.
 * @throws VoxplainError `unsupported` naming the node where it is left out.
 */
export function inputOf(g: Pick<RuleContext, "x" | "unsupported">, position: number): string {
  const name = g.x[position];
  if (!name) throw g.unsupported(`it lacks its input number ${position + 1}`);
  return name;
}

/**
 * Gives the cotangents of a node's inputs, from those of its outputs (`dy`, at least one of which is
 * there): one formula in ONNX nodes. Inputs that are not wanted may be left undefined.
 */
export type GradientRule = (g: RuleContext, dy: readonly Cotangent[]) => readonly Cotangent[];

/** Gradient rules by the name of the ONNX operator. */
export type GradientRules = ByOperator<GradientRule>;

/**
 * For operators whose output changes in steps, or not at all, with their inputs: the gradient is zero
 * there and goes no further. An operator that is not in the table is an error instead.
 */
export const none: GradientRule = () => [];

/** A rule for an operator with one input of interest, whose first output has a cotangent. */
export function unary(rule: (g: RuleContext, dy: string) => string): GradientRule {
  return (g, [dy]) => [dy === undefined || !g.wants(0) ? undefined : rule(g, dy)];
}

/**
 * A rule for an operator that broadcasts its inputs: it gives, for an input that is wanted, a
 * cotangent of the shape of the output, and broadcasting is undone for it.
 */
export function broadcasting(rule: (g: RuleContext, dy: string, input: number) => string): GradientRule {
  return (g, [dy]) =>
    g.x.map((x, input) =>
      dy === undefined || !g.wants(input) ? undefined : g.unbroadcast(rule(g, dy, input), g.dims(g.y[0]), x),
    );
}
