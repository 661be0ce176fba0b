import {
  type Dim,
  type Graph,
  inferShapes,
  type Node,
  openOnnxFile,
  type ValueInfo,
} from "@voxplain/onnx-graph";
import { fileAt } from "@voxplain/study/node";

/** `voxplain inspect model.onnx`: inputs, outputs, and the values that `--layer` may name. */
export async function inspectOnnx(path: string, options: { json: boolean }): Promise<void> {
  const { source, below, path: absolute } = fileAt(path, "model");
  const file = await openOnnxFile(source, below);
  const { graph } = file.model;
  const shapes = inferShapes(file.model);
  const layers = layerNodes(graph).flatMap(({ opType, outputs }) =>
    outputs
      .map((name) => ({ name, operator: opType, info: shapes.get(name) }))
      .filter(({ info }) => info?.dtype.includes("float"))
      .map(({ name, operator, info }) => ({ name, operator, dims: info?.dims ?? null })),
  );
  const describe = ({ name, dtype, dims }: ValueInfo) => ({
    name,
    dtype: file.storedTypes?.get(name) ?? dtype,
    dims: dims ?? null,
  });
  const report = {
    model: absolute,
    opset: file.opset ?? null,
    operators: [...new Set(graph.nodes.map(({ opType }) => opType))].sort(),
    inputs: graph.inputs.map(describe),
    outputs: graph.outputs.map(describe),
    layers,
  };
  process.stdout.write(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : asText(report));
}

/** Operators whose values are no layers, though they depend on the image. */
const noLayers: ReadonlySet<string> = new Set("Shape Size Cast CastLike ConstantOfShape Identity".split(" "));

/** The nodes whose values depend on an input; what is computed of weights and settings alone is no layer. */
function layerNodes({ nodes, inputs }: Graph): Node[] {
  const fed = new Set(inputs.map(({ name }) => name));
  return nodes.filter(({ opType, inputs: used, outputs, attributes }) => {
    const isFed =
      used.some((name) => fed.has(name)) || Object.values(attributes).some((one) => "graph" in one);
    if (!isFed || opType === "Shape" || opType === "Size") return false;
    for (const name of outputs) fed.add(name);
    return !noLayers.has(opType);
  });
}

interface OnnxReport {
  readonly model: string;
  readonly opset: number | null;
  readonly operators: readonly string[];
  readonly inputs: readonly DescribedValue[];
  readonly outputs: readonly DescribedValue[];
  readonly layers: readonly {
    readonly name: string;
    readonly operator: string;
    readonly dims: readonly Dim[] | null;
  }[];
}

interface DescribedValue {
  readonly name: string;
  readonly dtype: string;
  readonly dims: readonly Dim[] | null;
}

function asText({ model, opset, operators, inputs, outputs, layers }: OnnxReport): string {
  const value = ({ name, dtype, dims }: DescribedValue) => `${name}: ${dtype} ${shapeText(dims)}`;
  const width = Math.max(...layers.map(({ name }) => name.length), 0);
  const operatorWidth = Math.max(...layers.map(({ operator }) => operator.length), 0);
  return [
    `model      ${model}`,
    `opset      ${opset ?? "not known"}`,
    `operators  ${operators.join(", ")}`,
    ...inputs.map((input) => `input      ${value(input)}`),
    ...outputs.map((output) => `output     ${value(output)}`),
    "layers (for --layer):",
    ...layers.map(
      ({ name, operator, dims }) =>
        `  ${name.padEnd(width)}  ${operator.padEnd(operatorWidth)}  ${shapeText(dims)}`,
    ),
    "",
  ].join("\n");
}

function shapeText(dims: readonly Dim[] | null): string {
  return dims === null ? "of unknown shape" : `[${dims.map((dim) => dim ?? "?").join(", ")}]`;
}
