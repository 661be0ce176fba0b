import { describeOnnx, type OnnxFacts, type OnnxValue } from "@voxplain/model-loader";
import { type Dim, openOnnxFile } from "@voxplain/onnx-graph";
import { fileAt } from "@voxplain/study/node";

/** `voxplain inspect model.onnx`: inputs, outputs, and the values that `--layer` may name. */
export async function inspectOnnx(path: string, options: { json: boolean }): Promise<void> {
  const { source, below, path: model } = fileAt(path, "model");
  const { name: _, ...facts } = describeOnnx(await openOnnxFile(source, below));
  // What is not known is null in JSON.
  const json = () => JSON.stringify({ model, ...facts }, (_key, value) => value ?? null, 2);
  process.stdout.write(options.json ? `${json()}\n` : textOf(model, facts));
}

function textOf(
  model: string,
  { opset, operators, inputs, outputs, layers }: Omit<OnnxFacts, "name">,
): string {
  const value = ({ name, dtype, dims }: OnnxValue) => `${name}: ${dtype} ${shapeText(dims)}`;
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

function shapeText(dims: readonly Dim[] | undefined): string {
  return dims === undefined ? "of unknown shape" : `[${dims.map((dim) => dim ?? "?").join(", ")}]`;
}
