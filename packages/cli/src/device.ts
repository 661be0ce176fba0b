import { type DeviceReport, type ModelRuntime, VoxplainError } from "@voxplain/core";
import { type NodeProvider, nodeDevices, nodeRuntime } from "@voxplain/runtime-node";

export interface DeviceOptions {
  readonly use_cpu: boolean;
  readonly device?: string;
  readonly threads?: number;
}

/** What `--device` takes. */
const deviceNames: readonly NodeProvider[] = ["cpu", "cuda", "webgpu", "dml", "coreml"];

/**
 * The runtime that was asked for: the CPU, the device that is named, or else the first GPU that works.
 * @throws VoxplainError `device-unavailable` where it cannot be used; nothing stands in for it.
 */
export async function chooseRuntime({ use_cpu, device, threads }: DeviceOptions): Promise<ModelRuntime> {
  if (use_cpu && device !== undefined && device !== "cpu") {
    throw new VoxplainError(
      "invalid-argument",
      `--use_cpu and --device ${device} exclude each other: leave one of them out`,
    );
  }
  const executionProvider = use_cpu ? "cpu" : device === undefined ? await findGpu() : await check(device);
  return nodeRuntime({ executionProvider, startEarly: true, ...(threads !== undefined && { threads }) });
}

async function findGpu(): Promise<NodeProvider> {
  const gpu = firstGpu(await nodeDevices(["cuda", "webgpu"]));
  if (gpu !== undefined) return gpu;
  throw new VoxplainError(
    "device-unavailable",
    "no GPU is available (voxplain inspect --devices tells why). Add --use_cpu to compute on the CPU.",
  );
}

/** A graphics card that the processor imitates is slower than the processor: it has to be asked for by name. */
export function firstGpu(devices: readonly DeviceReport[]): NodeProvider | undefined {
  const found = devices.find(({ usable, software }) => usable && !software)?.executionProvider;
  return deviceNames.find((name) => name === found);
}

async function check(device: string): Promise<NodeProvider> {
  const known = deviceNames.find((name) => name === device);
  if (known === undefined) {
    throw new VoxplainError(
      "invalid-argument",
      `--device ${device} is not known; it is one of ${deviceNames.join(", ")}`,
    );
  }
  if (known === "cpu") return known;
  const [report] = await nodeDevices([known]);
  if (report?.usable) return known;
  throw new VoxplainError("device-unavailable", `${known} cannot be used here: ${report?.detail}`);
}
