import { nodeDevices } from "@voxplain/runtime-node";
import { printLines, printText } from "../print-lines.ts";

/** `voxplain inspect --devices`: what this machine can compute with, and why not with the rest. */
export async function inspectDevices(options: { json: boolean }): Promise<void> {
  const devices = await nodeDevices();
  if (options.json) {
    const report = devices.map(({ executionProvider, ...rest }) => ({ device: executionProvider, ...rest }));
    printText(`${JSON.stringify(report, undefined, 2)}\n`);
    return;
  }
  for (const { executionProvider, usable, detail } of devices) {
    printLines(`${executionProvider.padEnd(8)}${usable ? "yes" : "no "}  ${detail}`);
  }
}
