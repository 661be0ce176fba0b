import type { DType } from "@voxplain/core";
import { graphBuilder } from "./builder.ts";
import { dataTypeNumber } from "./data-type.ts";
import type { Graph, Model, Node } from "./model.ts";
import { renamedNode } from "./rename-values.ts";

/** Operators that move elements of any type. */
const moving: ReadonlySet<string> = new Set(
  "Identity Transpose Reshape Flatten Squeeze Unsqueeze Slice Gather Expand Tile DepthToSpace SpaceToDepth".split(
    " ",
  ),
);

/** Lowest and highest number of each type of small integers. */
const limits: Readonly<Partial<Record<DType, readonly [number, number]>>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65_535],
  int16: [-32_768, 32_767],
};

/**
 * The model with inputs of float32 in the place of integers, of the same numbers. Where the integers are only moved
 * until a Cast makes them float32, that Cast is left out, so that there is a gradient at the input. Elsewhere the
 * input is rounded to the integers that the network computes with, which has no gradient.
 */
export function withFloat32Inputs(model: Model): Model {
  return model.graph.inputs.reduce((current, { name, dtype }) => {
    if (dtype.includes("float")) return current;
    const graph = withoutCast(current.graph, name) ?? withRounding(current.graph, name, dtype);
    const inputs = graph.inputs.map((info) =>
      info.name === name ? ({ ...info, dtype: "float32" } as const) : info,
    );
    return { ...current, graph: { ...graph, inputs } };
  }, model);
}

/** undefined where something computes with the integers. */
function withoutCast(graph: Graph, input: string): Graph | undefined {
  const integers = new Set([input]);
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const places = node.inputs.flatMap((name, place) => (integers.has(name) ? [place] : []));
    if (places.length === 0 || node.opType === "Shape" || node.opType === "Size") {
      nodes.push(node);
      continue;
    }
    if (node.domain !== "" || places.join() !== "0") return undefined;
    if (isCastToFloat32(node)) nodes.push({ ...node, opType: "Identity", attributes: {} });
    else if (moving.has(node.opType)) {
      nodes.push(node);
      for (const name of node.outputs) integers.add(name);
    } else return undefined;
  }
  if (graph.outputs.some(({ name }) => integers.has(name))) return undefined;
  return { ...graph, nodes, valueInfo: graph.valueInfo.filter(({ name }) => !integers.has(name)) };
}

function isCastToFloat32({ opType, attributes: { to } }: Node): boolean {
  return opType === "Cast" && to !== undefined && "int" in to && to.int === dataTypeNumber("float32");
}

function withRounding(graph: Graph, input: string, dtype: DType): Graph {
  const builder = graphBuilder(graph.name, graph);
  const [low, high] = limits[dtype] ?? [];
  const rounded =
    dtype === "bool"
      ? input
      : builder.add("Round", [input], {}, { name: builder.fresh(`${input} rounded to ${dtype}`) });
  const held =
    low === undefined || high === undefined
      ? rounded
      : builder.add("Clip", [rounded, builder.scalar(low), builder.scalar(high)]);
  const integers = builder.add("Cast", [held], { to: dataTypeNumber(dtype) });
  const names = new Map([[input, integers]]);
  const built = builder.build();
  const added = built.nodes.slice(graph.nodes.length);
  return { ...built, nodes: [...added, ...graph.nodes.map((node) => renamedNode(node, names))] };
}
