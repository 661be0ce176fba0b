import { availableParallelism } from "node:os";
import { type DeviceReport, type ModelRuntime, VoxplainError } from "@voxplain/core";
import { type NodeProvider, nodeDevices, nodeRuntime } from "@voxplain/runtime-node";
import { refuseAddressSpace } from "./limits.ts";
import { sayLines } from "./print-lines.ts";

export interface DeviceOptions {
  readonly use_cpu: boolean;
  readonly device?: string;
  readonly threads?: number;
  readonly no_kernel?: boolean;
}

/** What `--device` takes. */
const deviceNames: readonly NodeProvider[] = ["cpu", "cuda", "webgpu", "dml", "coreml"];

/**
 * The CPU, the device that is named, or else the first GPU that works.
 * @throws VoxplainError `device-unavailable` where it cannot be used; there is no fallback.
 */
export async function chooseRuntime(options: DeviceOptions): Promise<ModelRuntime> {
  const { use_cpu, device, threads, no_kernel = false } = options;
  if (use_cpu && device !== undefined && device !== "cpu") {
    throw new VoxplainError("invalid-argument", `--use_cpu and --device ${device} exclude each other`, {
      hint: "leave one of them out",
    });
  }
  const executionProvider = use_cpu ? "cpu" : device === undefined ? await findGpu() : await check(device);
  const slower = refuseAddressSpace(threads ?? availableParallelism());
  if (slower !== undefined && !no_kernel && executionProvider === "cpu") {
    sayLines(`warning: ${slower}`);
  }
  const chosen = { executionProvider, startEarly: true, kernels: !no_kernel && slower === undefined };
  return nodeRuntime({ ...chosen, ...(threads !== undefined && { threads }) });
}

async function findGpu(): Promise<NodeProvider> {
  const gpu = firstGpu(await nodeDevices(["cuda", "webgpu"]));
  if (gpu !== undefined) return gpu;
  throw new VoxplainError("device-unavailable", "no GPU is available", {
    hint: "run on the CPU (--use_cpu), or see why (voxplain inspect --devices)",
  });
}

/** Software GPUs are slower than the CPU provider: one is used only when named explicitly. */
export function firstGpu(devices: readonly DeviceReport[]): NodeProvider | undefined {
  const found = devices.find(({ usable, software }) => usable && !software)?.executionProvider;
  return deviceNames.find((name) => name === found);
}

async function check(device: string): Promise<NodeProvider> {
  const known = deviceNames.find((name) => name === device);
  if (known === undefined) {
    throw new VoxplainError("invalid-argument", "unknown device (--device)", {
      expected: `one of ${deviceNames.join(", ")}`,
      found: device,
    });
  }
  if (known === "cpu") return known;
  const [report] = await nodeDevices([known]);
  if (report?.usable) return known;
  throw new VoxplainError("device-unavailable", `${known} cannot be used here: ${report?.detail}`);
}
