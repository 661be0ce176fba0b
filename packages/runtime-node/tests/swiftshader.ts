import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";

const browsers = ["/usr/lib/chromium", "/opt/google/chrome"];

/** Of Linux: a library that was loaded once stays. */
const neverUnload = 0x1000;

/**
 * Lets WebGPU find a graphics card that the processor imitates, as Debian's Chromium brings it along;
 * before ONNX Runtime is loaded. False, with the reason printed, where there is none.
 */
export function useSwiftShader(): boolean {
  const folder = browsers.find((place) => existsSync(join(place, "vk_swiftshader_icd.json")));
  if (folder === undefined) {
    process.stderr.write("skipped: tests of WebGPU in Node, for want of SwiftShader (Debian's chromium)\n");
    return false;
  }
  process.env.VK_ICD_FILENAMES = join(folder, "vk_swiftshader_icd.json");
  // The Vulkan loader complains without it.
  process.env.XDG_RUNTIME_DIR ??= "/tmp";
  useVulkanLoader(folder);
  return true;
}

/** The browser brings Vulkan's loader along, too, which the system need not have: no package of Debian's asks for it. */
function useVulkanLoader(folder: string): void {
  const loader = join(folder, "libvulkan.so.1");
  if (!existsSync(loader)) return;
  // For processes that this one starts.
  process.env.LD_LIBRARY_PATH = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  try {
    process.dlopen({ exports: {} }, loader, constants.dlopen.RTLD_NOW | neverUnload);
  } catch {
    // It is no module of Node's, which is found out when it is loaded.
  }
}
