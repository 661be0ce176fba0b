import { basename, resolve } from "node:path";
import { cleanBeside } from "@voxplain/core/node";
import { differentiateFile } from "@voxplain/onnx-autodiff";
import { withForwardMethods } from "@voxplain/saliency";
import { fileAt } from "@voxplain/study/node";
import { printLines } from "../print-lines.ts";
import { weightsOfOlder } from "./older-network.ts";
import { weightsBeside } from "./weights-beside.ts";

/** The options of `voxplain differentiate`, under the names they have on the command line. */
export interface DifferentiateArguments {
  readonly model: string;
  readonly output: string;
  /** The value that is differentiated; default: the first output. */
  readonly of?: string;
  /** Values whose gradients are wanted; default: the first input. */
  readonly with_respect_to?: readonly string[];
  /** Lengths of the axes of the first input behind the batch, or of all of them. */
  readonly shape?: readonly number[];
  readonly overwrite: boolean;
  readonly no_fsync: boolean;
}

/** `voxplain differentiate`: an ONNX file in, an ONNX file with gradient outputs out. */
export async function runDifferentiate(args: DifferentiateArguments): Promise<void> {
  const { source, below } = fileAt(args.model, "model");
  const output = resolve(args.output);
  const { overwrite } = args;
  const older = await weightsOfOlder(output, overwrite);
  cleanBeside(output);
  const weights = weightsBeside(output, { older, overwrite, fsync: !args.no_fsync });
  const to = { sink: weights.sink, path: basename(output) };
  const { model, cotangent, gradients } = await differentiateFile({ source, path: below }, to, {
    ...(args.of !== undefined && { output: args.of }),
    ...(args.with_respect_to && { withRespectTo: args.with_respect_to }),
    ...(args.shape && { shape: args.shape }),
    weightsFile: weights.name,
    advise: withForwardMethods,
  });
  await weights.removeOlder();
  const fetched = Object.entries(gradients).map(([value, name]) => `${name} (of ${value})`);
  printLines(
    output,
    `feed:  ${model.graph.inputs.map(({ name }) => name).join(", ")}`,
    `fetch: ${fetched.join(", ")}`,
    `${cotangent} says which combination of the output is differentiated: 1 for the wanted class, else 0`,
  );
}
