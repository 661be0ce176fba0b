import { tensor, VoxplainError } from "@voxplain/core";
import { graphBuilder } from "./builder.ts";
import {
  type Attribute,
  type Graph,
  type Initializer,
  isInMemory,
  type Model,
  type Node,
  type ValueInfo,
} from "./model.ts";
import { nodeOutput } from "./node-values.ts";
import { entryFor, isIn, type StandardNode } from "./operator-name.ts";
import { inferShapes } from "./shape-inference.ts";
import { subgraphsOf, valuesCapturedBy, valuesUsedBy } from "./subgraphs.ts";
import { changes } from "./upgrades/index.ts";
import type { UpgradeContext } from "./upgrades/upgrade.ts";

const target = 17;
/** Before, broadcasting and BatchNormalization were others. */
const oldest = 7;

/**
 * The model in operator set 17, with the same values; a newer model stays as it is. Settings that
 * were attributes become inputs, Upsample becomes Resize, Softmax over several axes is written out,
 * Dropout loses what only training used; BatchNormalization with outputs of training is in training mode. Subgraphs are upgraded as well.
 * Values keep their names.
 * https://github.com/onnx/onnx/blob/main/docs/Changelog.md
 * @throws VoxplainError `unsupported` for operator sets below 7, and naming a node that operator set 17
 * cannot express: statistics of BatchNormalization or a mask of Dropout that are used.
 */
export function upgradeOpset(model: Model): Model {
  const opset = model.opsets[""] ?? 0;
  if (opset >= target) return model;
  if (opset < oldest) {
    throw new VoxplainError("unsupported", `the model uses operator set ${opset}`, {
      hint: `export it with ${oldest} or newer (${target} is a good choice)`,
    });
  }
  return {
    ...model,
    irVersion: Math.max(model.irVersion, 8),
    opsets: { ...model.opsets, "": target },
    graph: upgraded(model, model.graph, new Map()),
  };
}

function upgraded(model: Model, graph: Graph, outer: ReadonlyMap<string, ValueInfo>): Graph {
  // Only what the graph takes from around it: thousands of branches would infer all the rest again each.
  const around = [...valuesCapturedBy(graph)].flatMap((name) => outer.get(name) ?? []);
  const values = inferShapes({ ...model, graph: { ...graph, inputs: [...graph.inputs, ...around] } });
  const constants = constantsOf(graph);
  const builder = graphBuilder(graph.name, graph);
  const used = new Set([...graph.nodes.flatMap(valuesUsedBy), ...graph.outputs.map(({ name }) => name)]);
  for (const node of graph.nodes) {
    const current = withSubgraphs(node, (inner) => upgraded(model, inner, values));
    const change = entryFor(changes, current);
    if (change !== undefined && isIn(changes, current) && (model.opsets[""] ?? 0) < change.since)
      change.upgrade(contextOf(current));
    else builder.addNode(current);
  }
  const { nodes, initializers } = builder.build();
  return { ...graph, nodes: nodes.slice(graph.nodes.length), initializers };

  function contextOf(node: StandardNode): UpgradeContext {
    // Value names are unique, also among subgraphs.
    const named = (label: string) => builder.fresh(`${node.outputs[0]}/${label}`);
    const constant: UpgradeContext["constant"] = (label, value) => builder.initializer(named(label), value);
    return {
      node,
      opset: model.opsets[""] ?? 0,
      value: (name) => values.get(name),
      numbers: (name) => numbersOf(constants.get(name ?? "")),
      isUsed: (name) => used.has(name),
      constant,
      int64: (label, numbers) =>
        constant(label, tensor("int64", [numbers.length], BigInt64Array.from(numbers, asInt64))),
      add(opType, inputs, attributes = {}) {
        const name = named(opType);
        return builder.add(opType, inputs, attributes, { name, outputs: [name] });
      },
      put: (parts) => builder.addNode({ ...node, ...parts }),
      unsupported: (what) =>
        new VoxplainError(
          "unsupported",
          `${node.opType} "${node.name}" of operator set ${model.opsets[""]} has no counterpart in ${target}: ${what}`,
        ),
    };
  }
}

/** "To the end" is the largest int64, which as a number is one more. */
function asInt64(value: number): bigint {
  return value >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(value);
}

function withSubgraphs(node: Node, change: (graph: Graph) => Graph): Node {
  if (subgraphsOf(node).length === 0) return node;
  const attributes = Object.entries(node.attributes).map(([key, value]): [string, Attribute] => {
    if ("graph" in value) return [key, { graph: change(value.graph) }];
    return [key, "graphs" in value ? { graphs: value.graphs.map(change) } : value];
  });
  return { ...node, attributes: Object.fromEntries(attributes) };
}

/** The weights of a graph, and what its nodes Constant hold. */
function constantsOf(graph: Graph): ReadonlyMap<string, Initializer> {
  const constants = new Map(graph.initializers);
  for (const node of graph.nodes) {
    const value = node.opType === "Constant" ? node.attributes.value : undefined;
    if (value !== undefined && "tensor" in value) constants.set(nodeOutput(node), value.tensor);
  }
  return constants;
}

function numbersOf(value: Initializer | undefined): readonly number[] | undefined {
  return value !== undefined && isInMemory(value) ? Array.from(value.data, Number) : undefined;
}
