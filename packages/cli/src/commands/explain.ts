import { chooseRuntime } from "../device.ts";
import type { ExplainArguments } from "../explain/options.ts";
import { explainImages } from "../explain/run.ts";

/** `voxplain explain`: images through any ONNX network. */
export async function explain(args: ExplainArguments, command: readonly string[]): Promise<void> {
  const path = await explainImages(args, await chooseRuntime(args), command);
  process.stdout.write(`${path}\n`);
}
