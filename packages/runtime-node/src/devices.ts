import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import type { DeviceReport } from "@voxplain/core";
import { type NodeProvider, nodeProviders, whyUnavailable } from "./providers.ts";

/**
 * What this machine can compute with, and why not with the rest. Each provider is tried in a process of
 * its own, with a model of one node.
 */
export async function nodeDevices(
  providers: readonly NodeProvider[] = nodeProviders,
): Promise<readonly DeviceReport[]> {
  return Promise.all(providers.map(report));
}

async function report(executionProvider: NodeProvider): Promise<DeviceReport> {
  const missing = whyUnavailable(executionProvider, "");
  const said = missing === undefined ? await tryOut(executionProvider) : "";
  const reason = missing ?? (said === "" ? undefined : (whyUnavailable(executionProvider, said) ?? said));
  const usable = reason === undefined;
  const software = executionProvider === "webgpu" && usable && isImitated();
  return { executionProvider, usable, software, detail: reason ?? describe(executionProvider, software) };
}

/** What went wrong; "" where it computes. */
function tryOut(provider: NodeProvider): Promise<string> {
  const script = fileURLToPath(new URL("./probe-device.js", import.meta.url));
  const env = { ...process.env, ORT_DISABLE_TELEMETRY: "1" };
  return new Promise((resolve) => {
    execFile(process.execPath, [script, provider], { timeout: 60_000, env }, (error, stdout) => {
      const answer = /^\{"said":.*\}$/m.exec(stdout)?.[0];
      if (answer !== undefined) resolve((JSON.parse(answer) as { said: string }).said);
      else resolve(`trying it ended without an answer (${error?.signal ?? error?.message ?? "no output"})`);
    });
  });
}

/** Vulkan drivers for no hardware, or a Linux machine without a graphics device. */
function isImitated(): boolean {
  const { VK_ICD_FILENAMES = "", VK_DRIVER_FILES = "" } = process.env;
  if (/swiftshader|lvp|lavapipe/i.test(`${VK_ICD_FILENAMES} ${VK_DRIVER_FILES}`)) return true;
  if (process.platform !== "linux") return false;
  return !["/dev/dri", "/dev/nvidiactl", "/dev/dxg"].some((device) => existsSync(device));
}

function describe(provider: NodeProvider, software: boolean): string {
  if (provider === "cpu") {
    const count = availableParallelism();
    return `${count} ${count === 1 ? "core" : "cores"}, ${cpus()[0]?.model.trim() ?? "unknown processor"}`;
  }
  if (software) return "the processor imitates a graphics card: right, but slower than cpu";
  return nvidiaModels() ?? "a graphics card";
}

/** Names of NVIDIA's cards, where its driver for Linux lists them. */
function nvidiaModels(): string | undefined {
  const folder = "/proc/driver/nvidia/gpus";
  if (!existsSync(folder)) return undefined;
  const models = readdirSync(folder).flatMap((name) => {
    const text = readFileSync(`${folder}/${name}/information`, "utf8");
    return /^Model:\s*(.+)$/m.exec(text)?.[1] ?? [];
  });
  return models.length === 0 ? undefined : models.join(", ");
}
