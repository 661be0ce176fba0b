import { homedir, hostname, userInfo } from "node:os";
import type { DeviceReport } from "@voxplain/core";
import { type NodeProvider, nodeDevices, nodeRuntime } from "@voxplain/runtime-node";
import { selfTest } from "@voxplain/saliency";
import { packages, versionOf } from "../installed-packages.ts";
import { printLines } from "../print-lines.ts";
import { describeMachine } from "./machine.ts";
import { type PrivateNames, withoutNames } from "./without-names.ts";

/**
 * `voxplain doctor`: system information for a bug report, without names of users, machines or home folders.
 * Resolves to 1 where the self-test fails on the CPU or on a graphics card.
 */
export async function doctor(): Promise<number> {
  const write = (name: string, text: string) =>
    printLines(`${name.padEnd(18)}${withoutNames(text, privateNames())}`);
  write("voxplain", versionOf("cli"));
  for (const [name, text] of await describeMachine()) write(name, text);
  write("packages", packages.map((name) => `${name} ${versionOf(name)}`).join(", "));
  write("runtime", nodeRuntime({ executionProvider: "cpu" }).version);
  const devices = await nodeDevices();
  for (const { executionProvider, usable, detail } of devices) {
    write(`device ${executionProvider}`, `${usable ? "yes" : "no "}  ${detail}`);
  }
  let healthy = true;
  for (const { executionProvider } of devices.filter(isTested)) {
    const { passed, text } = await judge(executionProvider as NodeProvider);
    healthy &&= passed;
    write(`self-test ${executionProvider}`, text);
  }
  printLines(healthy ? "All is well." : "Something is wrong; please report it with these lines.");
  return healthy ? 0 : 1;
}

/** Always the CPU, even where it seems not to work; a card only where it is one. */
function isTested({ executionProvider, usable, software }: DeviceReport): boolean {
  return executionProvider === "cpu" || (usable && !software);
}

async function judge(executionProvider: NodeProvider): Promise<{ passed: boolean; text: string }> {
  try {
    const { error, tolerance } = await selfTest(nodeRuntime({ executionProvider }));
    const passed = error <= tolerance;
    const relation = passed ? "passed" : "WRONG";
    return {
      passed,
      text: `${relation}: the gradient differs by ${error.toExponential(1)} from PyTorch's in float64; ${tolerance} is allowed`,
    };
  } catch (error) {
    return { passed: false, text: `FAILED: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function privateNames(): PrivateNames {
  try {
    return { home: homedir(), user: userInfo().username, host: hostname() };
  } catch {
    // A container may run as a number that no user has.
    return { home: homedir(), user: "", host: hostname() };
  }
}
