import { withEscapes } from "@voxplain/core";
import { describeOnnx, type OnnxFacts, type OnnxValue } from "@voxplain/model-loader";
import { type Dim, openOnnxFile } from "@voxplain/onnx-graph";
import { pathArgument, shellWord } from "@voxplain/report";
import { fileAt } from "@voxplain/study/node";
import { printText } from "../print-lines.ts";

/** `voxplain inspect model.onnx`: inputs, outputs, the values that `--layer` may name, and commands that explain it. */
export async function inspectOnnx(path: string, options: { json: boolean }): Promise<void> {
  const { source, below, path: model } = fileAt(path, "model");
  const { name: _, ...facts } = describeOnnx(await openOnnxFile(source, below));
  const commands = facts.inputs.length === 1 ? commandsOf(path) : [];
  // What is not known is null in JSON.
  const json = () =>
    JSON.stringify(
      { model, ...facts, producer: facts.producer ?? null, commands },
      (_key, value) => value ?? null,
      2,
    );
  printText(options.json ? `${json()}\n` : textOf(model, facts, commands));
}

/** For one image, and for a cohort. */
function commandsOf(path: string): readonly string[] {
  const model = shellWord(pathArgument(path));
  return [
    `voxplain explain ${model} IMAGE --use_cpu`,
    `voxplain interpret group ${model} MAP --use_cpu --images TABLE --target_node 0 --output_dir RESULTS`,
  ];
}

function textOf(
  model: string,
  { producer, opset, operators, inputs, outputs, layers }: Omit<OnnxFacts, "name">,
  commands: readonly string[],
): string {
  const value = ({ name, dtype, dims }: OnnxValue) => `${name}: ${dtype} ${shapeText(dims)}`;
  const width = widest(layers.map(({ name }) => name));
  const operatorWidth = widest(layers.map(({ operator }) => operator));
  return [
    `model      ${model}`,
    `producer   ${producer ?? "not known"}`,
    `opset      ${opset ?? "not known"}`,
    `operators  ${operators.join(", ")}`,
    ...inputs.map((input) => `input      ${value(input)}`),
    ...outputs.map((output) => `output     ${value(output)}`),
    ...commands.map((command, k) => `${k === 0 ? "run" : ""}`.padEnd(11).concat(command)),
    "layers (for --layer):",
    ...layers.map(
      ({ name, operator, dims }) =>
        `  ${name.padEnd(width)}  ${operator.padEnd(operatorWidth)}  ${shapeText(dims)}`,
    ),
    "",
  ]
    .map(withEscapes)
    .join("\n");
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, text.length), 0);
}

function shapeText(dims: readonly Dim[] | undefined): string {
  return dims === undefined ? "of unknown shape" : `[${dims.map((dim) => dim ?? "?").join(", ")}]`;
}
