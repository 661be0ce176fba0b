import { type ModelRuntime, type Tensor, VoxplainError } from "@voxplain/core";
import {
  encodeModel,
  graphBuilder,
  inferShapes,
  type Model,
  type Network,
  type Node,
  type OperatorName,
  readInitializer,
} from "@voxplain/onnx-graph";
import { notFiniteIn } from "./not-finite.ts";

/** What a value of the graph holds for one input. */
type State = "nan" | "infinite" | "finite";

/**
 * Names the layer at which logits that are not finite begin: computes the network once more, and asks of every inner
 * value whether it holds NaN or ±∞. It goes from the logits back to a value that is not finite although everything
 * that it is computed from is; infinite values that a constant mask brings in are no beginning.
 * @returns The end of a sentence; undefined where that cannot be found out.
 */
export async function locateNotFinite(
  network: Network,
  runtime: ModelRuntime,
  input: Tensor<"float32">,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { model, logits } = network;
  const { marked, flags } = withFlags(model);
  let results: Awaited<ReturnType<Awaited<ReturnType<ModelRuntime["createSession"]>>["run"]>>;
  try {
    const session = await runtime.createSession(await encodeModel(marked), { signal });
    try {
      results = await session.run({ [network.input]: input }, { signal });
    } finally {
      await session.release();
    }
  } catch (error) {
    signal?.throwIfAborted();
    // The explanation of an error must not replace it.
    if (error instanceof VoxplainError) return undefined;
    throw error;
  }
  const states = new Map<string, State>();
  for (const [value, { nan, infinite }] of flags) {
    const isSet = (flag: string) => results[flag]?.data[0] === 1;
    states.set(value, isSet(nan) ? "nan" : isSet(infinite) ? "infinite" : "finite");
  }
  const producers = new Map(model.graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const infinite = new Set<string>();
  for (const [name, constant] of model.graph.initializers) {
    if (constant.dtype !== "float32") continue;
    if (notFiniteIn((await readInitializer(constant)).data as Float32Array)) infinite.add(name);
  }
  const begin = beginningOf(logits, { states, producers, infinite });
  if (begin === undefined) return undefined;
  const { node, value } = begin;
  return `they begin at the layer "${value}" (${node.opType}): ${reasonOf(node, states.get(value)!)}`;
}

/** The model with two numbers for each inner value as outputs: whether it holds NaN, whether it holds ±∞. */
function withFlags(model: Model) {
  const { graph } = model;
  const values = inferShapes(model);
  const builder = graphBuilder(graph.name, { ...graph, outputs: [] });
  const flags = new Map<string, { readonly nan: string; readonly infinite: string }>();
  const flag = (operator: OperatorName, value: string) => {
    const marks = builder.add("Cast", [builder.add(operator, [value])], { to: 1 });
    const name = builder.add("ReduceMax", [marks], { keepdims: 0 });
    builder.output(name, "float32", []);
    return name;
  };
  for (const { outputs } of graph.nodes) {
    for (const value of outputs) {
      const info = values.get(value);
      if (info?.dtype !== "float32" || info.dims?.includes(0)) continue;
      flags.set(value, { nan: flag("IsNaN", value), infinite: flag("IsInf", value) });
    }
  }
  return { marked: { ...model, graph: builder.build() }, flags };
}

interface Beginning {
  readonly node: Node;
  readonly value: string;
}

interface Values {
  readonly states: ReadonlyMap<string, State>;
  readonly producers: ReadonlyMap<string, Node>;
  /** Constants with infinite values. */
  readonly infinite: ReadonlySet<string>;
}

/** Goes back from the logits, deepest first; with a stack of its own, since networks can have thousands of layers. */
function beginningOf(logits: string, { states, producers, infinite }: Values): Beginning | undefined {
  const visited = new Set<string>();
  const open: { readonly begin: Beginning; readonly broken: string[] }[] = [];
  const enter = (value: string) => {
    const node = producers.get(value);
    if (visited.has(value) || node === undefined) return undefined;
    visited.add(value);
    const computed = node.inputs.filter((name) => producers.has(name));
    const broken = [
      ...computed.filter((name) => states.get(name) === "nan"),
      ...computed.filter((name) => states.get(name) === "infinite"),
    ];
    if (broken.length > 0) open.push({ begin: { node, value }, broken });
    else {
      const isMasked = maskingOperators.has(node.opType) || node.inputs.some((name) => infinite.has(name));
      if (!isMasked || states.get(value) !== "infinite") return { node, value };
    }
    return undefined;
  };
  let found = enter(logits);
  while (found === undefined) {
    const last = open.at(-1);
    if (last === undefined) return undefined;
    const next = last.broken.shift();
    if (next !== undefined) found = enter(next);
    else {
      open.pop();
      // Masks alone do not make NaN.
      const { value } = last.begin;
      if (states.get(value) === "nan" || value === logits) found = last.begin;
    }
  }
  return found;
}

/** They hand on the −∞ of a constant mask; finite numbers do not overflow in them. */
const maskingOperators = new Set([
  "Where",
  "Expand",
  "Unsqueeze",
  "Reshape",
  "Slice",
  "Concat",
  "ConstantOfShape",
]);

function reasonOf({ opType }: Node, state: State): string {
  if (opType === "Div" || opType === "Reciprocal") return "it divides by 0, or by too small a number";
  if (opType === "Log") return "it takes the logarithm of a number that is not above 0";
  if ((opType === "Sqrt" || opType === "Pow") && state === "nan")
    return "it takes the root of a negative number";
  return state === "infinite"
    ? "its values exceed what float32 can hold, about 3.4e38"
    : "it gives NaN for what it is given";
}
