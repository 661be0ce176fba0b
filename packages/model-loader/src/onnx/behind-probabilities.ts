import {
  type Graph,
  graphBuilder,
  inferShapes,
  intAttribute,
  type Model,
  type Node,
} from "@voxplain/onnx-graph";
import { constantNumber, isMovement, isSelection, producersOf } from "./graph-patterns.ts";

/** What an output gives where it gives probabilities. */
export interface BehindProbabilities {
  /** The graph, with what was needed to name the logits. */
  readonly graph: Graph;
  /** The value that holds the logits, of the output's shape; of "pair" with one column in the place of two. */
  readonly logits: string;
  /** "softmax" over classes; "sigmoid" of each logit; "pair": [1 − p, p] of p = sigmoid(logit). */
  readonly from: "softmax" | "sigmoid" | "pair";
  /** Of "pair": the axis of the two. */
  readonly classAxis?: number;
}

/**
 * The logits behind an output of probabilities, or of their logarithms, that are computed in several operators, such
 * as 1 / (1 + exp(−x)); behind them values may only be moved. For two columns [1 − p, p], the one logit of p. undefined
 * where the output is something else. A last softmax that is one operator is not looked for: see `beforeProbabilities`.
 */
export function behindProbabilities(model: Model, output: string): BehindProbabilities | undefined {
  const { graph } = model;
  const builder = graphBuilder(graph.name, graph);
  const find = finder(graph);
  const moved = (node: Node, inner: string) =>
    builder.add(node.opType, [inner, ...node.inputs.slice(1)], node.attributes, { domain: node.domain });
  const negated = (value: string) => builder.add("Neg", [value]);

  /** The logit of which a value is the sigmoid, with the value's shape. */
  const logitOf = (name: string): string | undefined => {
    const found = find.sigmoid(name);
    if (found !== undefined) return found.negative ? negated(found.of) : found.of;
    const step = find.passing(name);
    if (step === undefined) return undefined;
    const inner = logitOf(step.input);
    if (inner === undefined) return undefined;
    if (step.kind === "complement") return negated(inner);
    return step.kind === "moved" ? moved(step.node, inner) : inner;
  };
  const scoresOf = (name: string, isLogarithm: boolean): string | undefined => {
    const found = find.softmax(name);
    if (found !== undefined) return isLogarithm || !isSoftmax(find.node(name)!) ? found : undefined;
    const step = find.passing(name);
    // A part of a softmax depends on the logits of the other classes too.
    if (step === undefined || step.kind === "complement" || isSelection(step.node)) return undefined;
    const inner = scoresOf(step.input, isLogarithm);
    return inner !== undefined && step.kind === "moved" ? moved(step.node, inner) : inner;
  };
  const pairOf = (name: string): { readonly logits: string; readonly classAxis: number } | undefined => {
    const node = find.node(name);
    if (node?.opType === "Concat" && node.inputs.length === 2) {
      const [first, second] = node.inputs.map(find.root);
      const isPair = first !== undefined && first.of === second?.of && first.isNegative !== second.isNegative;
      const column = isPair ? inferShapes(model).get(inputOf(node, 1))?.dims : undefined;
      if (column === undefined) return undefined;
      const axis = intAttribute(node.attributes, "axis", 1);
      const classAxis = axis < 0 ? axis + column.length : axis;
      const logits = column[classAxis] === 1 ? logitOf(inputOf(node, 1)) : undefined;
      return logits === undefined ? undefined : { logits, classAxis };
    }
    const step = find.passing(name);
    return step?.kind === "same" ? pairOf(step.input) : undefined;
  };

  const built = (logits: string, from: BehindProbabilities["from"]) => ({
    graph: builder.build(),
    logits,
    from,
  });
  // Probabilities may be given as logarithms.
  const inner = find.logarithmOf(output);
  for (const value of inner === undefined ? [output] : [inner, output]) {
    const scores = scoresOf(value, value === inner);
    if (scores !== undefined) return built(scores, "softmax");
    const logit = logitOf(value);
    if (logit !== undefined) return built(logit, "sigmoid");
    const pair = pairOf(value);
    if (pair !== undefined) return { ...built(pair.logits, "pair"), classAxis: pair.classAxis };
  }
  return undefined;
}

function isSoftmax({ opType }: Node): boolean {
  return opType === "Softmax" || opType === "LogSoftmax";
}

const averages: readonly string[] = ["GlobalAveragePool", "AveragePool", "ReduceMean"];

/** Whether a value is made of probabilities alone: some of them, or their mean. */
export function isProbability(graph: Graph, output: string): boolean {
  const find = finder(graph);
  for (let name = output; ; ) {
    if (find.sigmoid(name) !== undefined || find.softmax(name) !== undefined) return true;
    const node = find.node(name);
    const next =
      find.passing(name)?.input ?? (node && averages.includes(node.opType) ? node.inputs[0] : undefined);
    if (next === undefined) return false;
    name = next;
  }
}

/** The value whose sigmoid another value is, however many nodes are in between. */
interface Root {
  readonly of: string;
  readonly isNegative: boolean;
}

/** What a value is made of, where that commutes with a function of each element. */
interface Passing {
  readonly kind: "same" | "moved" | "complement";
  readonly node: Node;
  readonly input: string;
}

function finder(graph: Graph) {
  const producers = producersOf(graph);
  const node = (name: string) => producers.get(name);
  const number = (name: string | undefined) => constantNumber(graph, producers, name);

  const passing = (name: string): Passing | undefined => {
    const found = node(name);
    const [input = ""] = found?.inputs ?? [];
    if (found === undefined) return undefined;
    if (["Identity", "Cast", "CastLike", "Dropout"].includes(found.opType))
      return { kind: "same", node: found, input };
    if (isMovement(found) || isSelection(found)) return { kind: "moved", node: found, input };
    // Keras keeps probabilities away from 0 and 1 by a tiny amount.
    const [low, high] = [number(found.inputs[1]) ?? -1, number(found.inputs[2]) ?? 2];
    if (found.opType === "Clip" && low < 1e-3 && high > 1 - 1e-3) return { kind: "same", node: found, input };
    if (found.opType === "Sub" && number(input) === 1) {
      return { kind: "complement", node: found, input: inputOf(found, 1) };
    }
    return undefined;
  };
  const sigmoid = (name: string) => sigmoidOf(node(name), node, number);
  const root = (name: string): Root | undefined => {
    const found = sigmoid(name);
    if (found !== undefined) return { of: found.of, isNegative: found.negative };
    const step = passing(name);
    if (step === undefined) return undefined;
    const before = root(step.input);
    // Two selections may be of different elements.
    const inner = before && isSelection(step.node) ? { ...before, of: `${before.of} in ${name}` } : before;
    return inner && step.kind === "complement" ? { ...inner, isNegative: !inner.isNegative } : inner;
  };
  const logarithmOf = (name: string): string | undefined => {
    const found = node(name);
    if (found?.opType === "Log") return found.inputs[0];
    const step = passing(name);
    return step?.kind === "same" ? logarithmOf(step.input) : undefined;
  };
  return {
    node,
    passing,
    sigmoid,
    root,
    logarithmOf,
    softmax: (name: string) => softmaxOf(node(name), node),
  };
}

type FindNode = (name: string) => Node | undefined;
type FindNumber = (name: string | undefined) => number | undefined;

/** x of sigmoid(±x), or of its logarithm. */
function sigmoidOf(
  node: Node | undefined,
  find: FindNode,
  number: FindNumber,
): { readonly of: string; readonly negative: boolean } | undefined {
  if (node === undefined) return undefined;
  const [a = "", b = ""] = node.inputs;
  const signed = (of: string, negative: boolean) => {
    const inner = negativeOf(of, find, number);
    return inner === undefined ? { of, negative } : { of: inner, negative: !negative };
  };
  if (node.opType === "Sigmoid") return signed(a, false);
  // 1 / (1 + exp(−x)) and exp(x) / (1 + exp(x))
  const exponent = (name: string) => {
    const sum = find(name);
    const other = sum?.opType === "Add" ? otherThan(sum, 1, number) : undefined;
    return other !== undefined && find(other)?.opType === "Exp" ? other : undefined;
  };
  if (node.opType === "Reciprocal" || (node.opType === "Pow" && number(b) === -1)) {
    const found = exponent(a);
    return found === undefined ? undefined : signed(inputOf(find(found)!, 0), true);
  }
  if (node.opType === "Div") {
    const found = exponent(b);
    if (found === undefined) return undefined;
    const x = inputOf(find(found)!, 0);
    if (number(a) === 1) return signed(x, true);
    return a === found || (find(a)?.opType === "Exp" && find(a)!.inputs[0] === x)
      ? signed(x, false)
      : undefined;
  }
  const half = halfOfTangent(node, find, number);
  if (half !== undefined) return signed(half, false);
  // log sigmoid(x) = −softplus(−x)
  if (node.opType === "Neg" && find(a)?.opType === "Softplus") return signed(inputOf(find(a)!, 0), true);
  return undefined;
}

/** x of (1 + tanh(x / 2)) / 2, in both ways of writing it. */
function halfOfTangent(node: Node, find: FindNode, number: FindNumber): string | undefined {
  const halved = (name: string): string | undefined => {
    const found = find(name);
    if (found?.opType === "Mul") return otherThan(found, 0.5, number);
    return found?.opType === "Div" && number(found.inputs[1]) === 2 ? found.inputs[0] : undefined;
  };
  const ofTangent = (name: string | undefined) => {
    const found = find(name ?? "");
    return found?.opType === "Tanh" ? halved(inputOf(found, 0)) : undefined;
  };
  if (node.opType === "Add") return ofTangent(halved(otherThan(node, 0.5, number) ?? ""));
  const sum = find(halved(node.outputs[0] ?? "") ?? "");
  return sum?.opType === "Add" ? ofTangent(otherThan(sum, 1, number)) : undefined;
}

/** x where a value is −x. */
function negativeOf(name: string, find: FindNode, number: FindNumber): string | undefined {
  const node = find(name);
  if (node?.opType === "Neg") return node.inputs[0];
  if (node?.opType === "Mul") return otherThan(node, -1, number);
  return node?.opType === "Sub" && number(node.inputs[0]) === 0 ? node.inputs[1] : undefined;
}

/** The input beside a constant. */
function otherThan({ inputs }: Node, constant: number, number: FindNumber): string | undefined {
  const [a, b] = inputs;
  if (number(a) === constant) return b;
  return number(b) === constant ? a : undefined;
}

/** x of softmax(x), or of its logarithm, as one operator or as several. */
function softmaxOf(node: Node | undefined, find: FindNode): string | undefined {
  if (node === undefined) return undefined;
  const [a = "", b = ""] = node.inputs;
  if (isSoftmax(node)) return a;
  const sum = find(b);
  // exp(x) / Σ exp(x)
  if (
    node.opType === "Div" &&
    find(a)?.opType === "Exp" &&
    sum?.opType === "ReduceSum" &&
    sum.inputs[0] === a
  ) {
    return withoutMaximum(inputOf(find(a)!, 0), find);
  }
  // x − log Σ exp(x)
  if (node.opType !== "Sub") return undefined;
  if (sum?.opType === "ReduceLogSumExp" && sum.inputs[0] === a) return withoutMaximum(a, find);
  const total = sum?.opType === "Log" ? find(inputOf(sum, 0)) : undefined;
  const exponentials = total?.opType === "ReduceSum" ? find(inputOf(total, 0)) : undefined;
  return exponentials?.opType === "Exp" && exponentials.inputs[0] === a ? withoutMaximum(a, find) : undefined;
}

/** The largest of the logits is often taken off first. */
function withoutMaximum(name: string, find: FindNode): string {
  const node = find(name);
  const [a = "", b = ""] = node?.inputs ?? [];
  const largest = node?.opType === "Sub" ? find(b) : undefined;
  return largest?.opType === "ReduceMax" && largest.inputs[0] === a ? a : name;
}

/** The name of an input; "" where the node has none, as ONNX writes it. */
function inputOf({ inputs }: Node, index: number): string {
  return inputs[index] ?? "";
}
