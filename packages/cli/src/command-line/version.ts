import { nodeDevices, nodeRuntime } from "@voxplain/runtime-node";
import { versionOf } from "../installed-packages.ts";

/** `voxplain --version`: its own, and below it the runtime's, and what that can compute with here. */
export async function versionText(): Promise<string> {
  const usable = (await nodeDevices()).filter((device) => device.usable);
  const providers = usable.map(({ executionProvider }) => executionProvider).join(", ") || "no provider";
  return [
    `voxplain ${versionOf("cli")}`,
    `${nodeRuntime({ executionProvider: "cpu" }).version} (${providers})`,
    `node ${process.versions.node} (${process.platform} ${process.arch})`,
    "",
  ].join("\n");
}
