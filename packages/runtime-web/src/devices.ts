import type { DeviceReport } from "@voxplain/core";
import { usableThreads } from "./threads.ts";

/** The part of WebGPU that is looked at. */
interface Gpu {
  requestAdapter(): Promise<{
    readonly info?: { readonly vendor: string; readonly architecture: string; readonly description: string };
    readonly isFallbackAdapter?: boolean;
  } | null>;
}

/** What this browser can compute with, and why not with the rest. */
export async function webDevices(): Promise<readonly DeviceReport[]> {
  return [wasm(), await webgpu()];
}

function wasm(): DeviceReport {
  const { count, note } = usableThreads();
  const detail = note ?? `${count} ${count === 1 ? "thread" : "threads"}`;
  return { executionProvider: "wasm", usable: typeof WebAssembly === "object", software: false, detail };
}

async function webgpu(): Promise<DeviceReport> {
  const gpu = (globalThis.navigator as { gpu?: Gpu } | undefined)?.gpu;
  const report = (usable: boolean, detail: string, software = false): DeviceReport => ({
    executionProvider: "webgpu",
    usable,
    software,
    detail,
  });
  if (gpu === undefined) {
    return report(false, "this browser has no WebGPU, or the page is not secure (https or localhost)");
  }
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (!adapter) return report(false, "the browser gives no WebGPU adapter: is its graphics acceleration on?");
  const { vendor = "", architecture = "", description = "" } = adapter.info ?? {};
  const name = description || [vendor, architecture].filter(Boolean).join(" ") || "an unnamed adapter";
  return report(true, name, adapter.isFallbackAdapter === true || /swiftshader|llvmpipe/i.test(name));
}
