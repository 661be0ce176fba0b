import { isVoxplainError, VoxplainError } from "@voxplain/core";
import {
  entryFor,
  type Graph,
  graphBuilder,
  type InferredConstants,
  inferConstants,
  inlineConstantIfs,
  type Model,
  type Node,
  upgradeOpset,
} from "@voxplain/onnx-graph";
import {
  checkConnected,
  firstFloatInput,
  floatValue,
  isFloat,
  type RuledNode,
  type ShapedValue,
  withRules,
} from "./checks.ts";
import { type Reach, reach } from "./reach.ts";
import { type Cotangent, type GradientRule, type GradientRules, none, type RuleContext } from "./rule.ts";
import { type Emission, ruleContext, zero } from "./rule-context.ts";
import { gradientRules } from "./rules/index.ts";

/** What is differentiated, at what, and by which rules. */
export interface DifferentiateOptions {
  /** The value to differentiate; default: the graph's first output. */
  readonly output?: string;
  /** Inputs or inner values whose gradients are wanted; default: the graph's first floating-point input. */
  readonly withRespectTo?: readonly string[];
  /** Default: `gradientRules`. */
  readonly rules?: GradientRules;
}

/** A network with outputs for its derivatives. */
export interface DifferentiatedModel {
  /**
   * The forward nodes as they were, with their values to the bit, and the nodes of the gradient after
   * them. A model of an older operator set is upgraded before (`upgradeOpset`), and an If whose condition is
   * constant is its branch. Outputs: those of the graph, inner values whose gradients were requested, the gradients.
   */
  readonly model: Model;
  /** The graph input that says which combination of output elements is differentiated; shaped like the output. */
  readonly cotangent: string;
  /** Value → name of the output that holds its gradient, shaped like the value. */
  readonly gradients: Readonly<Record<string, string>>;
}

/**
 * Reverse-mode differentiation of an ONNX graph: gives a model that computes, beside what it computed
 * before, the derivatives of Σ cotangent · output. It is an ordinary ONNX model of operator set 17 or
 * newer; the given one may be of 7 or newer. Pads, shapes and the like may be computed by the graph, as
 * long as they do not depend on more of what is fed than the lengths of axes.
 * @throws VoxplainError `unsupported` naming every operator on the way that has no rule, or else all that rules
 * refuse; `invalid-argument` for values that the graph does not have, that are no floating-point numbers, or that have no influence.
 */
export function differentiate(given: Model, options: DifferentiateOptions = {}): DifferentiatedModel {
  const { model, values, constants } = prepared(given);
  const { graph } = model;
  const rules = options.rules ?? gradientRules;
  const output = floatValue(graph, values, options.output ?? graph.outputs[0]?.name ?? "");
  const withRespectTo = [...new Set(options.withRespectTo ?? [firstFloatInput(graph)])];
  const wanted = withRespectTo.map((value) => floatValue(graph, values, value));
  const connection = reach(graph.nodes, withRespectTo, output.name, (node, value) => {
    return isFloat(values.get(value)) && entryFor(rules, node) !== none;
  });
  checkConnected(connection, withRespectTo, output.name, graph.nodes);
  const path = withRules(connection.path, rules);

  const builder = graphBuilder(graph.name, graph);
  const cotangent = builder.fresh(`cotangent:${output.name}`);
  builder.input(cotangent, output.dtype, output.dims);
  const emission: Emission = {
    graph,
    builder,
    opset: model.opsets[""] ?? 0,
    producers: new Map(graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const))),
    values,
    constants,
    active: connection.active,
    extendedOutputs: new Map(),
    shapes: new Map(),
  };
  const cotangents = propagate(emission, path, connection, new Map([[output.name, cotangent]]));
  const gradients = declareOutputs(emission, wanted);
  const differentiated: Model = {
    ...model,
    irVersion: Math.max(model.irVersion, 8),
    graph: finish(emission, cotangents, gradients),
  };
  return { model: differentiated, cotangent, gradients };
}

/** Ifs whose conditions other Ifs compute, one behind the other; `foldConstants` goes as far. */
const mostRounds = 20;

/** In operator set 17 or newer, with the branches that are taken in the place of Ifs; constants are only looked at. */
function prepared(given: Model): InferredConstants & { readonly model: Model } {
  let model = upgradeOpset(given);
  for (let round = 0; ; round++) {
    const inferred = inferConstants(model);
    const graph = round < mostRounds ? inlineConstantIfs(model.graph, inferred.constants) : model.graph;
    if (graph === model.graph) return { model, ...inferred };
    model = { ...model, graph };
  }
}

/**
 * Asks the rules from the output back to the sources; contributions to one value add up.
 * @throws VoxplainError `unsupported` with all that rules refuse.
 */
function propagate(
  emission: Emission,
  path: readonly RuledNode[],
  { active }: Reach,
  cotangents: Map<string, string>,
): ReadonlyMap<string, string> {
  const refused: string[] = [];
  for (const { node, rule } of path.toReversed()) {
    const dy = node.outputs.map((value) => cotangents.get(value));
    if (dy.every((value) => value === undefined)) continue;
    const context = ruleContext(emission, node);
    const dx = ask(rule, context, dy, refused);
    for (const [k, value] of node.inputs.entries()) {
      const part = dx[k];
      if (part === undefined || !active.has(value)) continue;
      const sum = cotangents.get(value);
      cotangents.set(value, sum === undefined ? part : context.emit("Add", [sum, part]));
    }
  }
  if (refused.length > 0) throw new VoxplainError("unsupported", refused.toReversed().join("; "));
  return cotangents;
}

/** Where a rule refuses its node, the values themselves stand in for their cotangents, so that the others are asked. */
function ask(
  rule: GradientRule,
  context: RuleContext,
  dy: readonly Cotangent[],
  refused: string[],
): readonly Cotangent[] {
  try {
    return rule(context, dy);
  } catch (error) {
    const refusal = error instanceof RangeError ? context.unsupported(error.message) : error;
    if (!isVoxplainError(refusal, "unsupported")) throw error;
    refused.push(refusal.message);
    return context.x;
  }
}

/** Declares the outputs of the gradient, and the inner values that they belong to. Value → "gradient:<value>". */
function declareOutputs(
  { graph, builder }: Emission,
  wanted: readonly ShapedValue[],
): Readonly<Record<string, string>> {
  const known = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
  for (const { name, dtype, dims } of wanted) {
    if (!known.has(name) && !graph.initializers.has(name)) builder.output(name, dtype, dims);
  }
  const names = wanted.map(({ name: value, dtype, dims }) => {
    const name = builder.fresh(`gradient:${value}`);
    builder.output(name, dtype, dims);
    return [value, name] as const;
  });
  return Object.fromEntries(names);
}

/** The whole graph, in which the nodes that compute the gradients write under the outputs' names. */
function finish(
  emission: Emission,
  cotangents: ReadonlyMap<string, string>,
  gradients: Readonly<Record<string, string>>,
): Graph {
  const { graph, builder, extendedOutputs } = emission;
  const added = builder.build().nodes.slice(graph.nodes.length);
  const computed = new Set(added.flatMap(({ outputs }) => outputs));
  const renamed = new Map<string, string>();
  for (const [value, name] of Object.entries(gradients)) {
    const found = cotangents.get(value);
    if (found !== undefined && computed.has(found) && !renamed.has(found)) renamed.set(found, name);
    // One value may be the gradient of two, or be the cotangent itself.
    else builder.add("Identity", [found ?? zeros(emission, value)], {}, { outputs: [name], name });
  }
  const rename = (value: string) => renamed.get(value) ?? value;
  const built = builder.build();
  const nodes = built.nodes.map((node, k): Node => {
    if (k < graph.nodes.length) return { ...node, outputs: extendedOutputs.get(node) ?? node.outputs };
    return { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) };
  });
  return { ...built, nodes };
}

/** The gradient where every rule on the way has let it drop. */
function zeros({ graph, builder, values }: Emission, value: string): string {
  const { dtype } = floatValue(graph, values, value);
  const filler = { value: { tensor: zero(dtype) } };
  return builder.add("ConstantOfShape", [builder.add("Shape", [value])], filler);
}
