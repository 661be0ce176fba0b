import { existsSync } from "node:fs";

const places = ["/usr/lib/chromium/vk_swiftshader_icd.json", "/opt/google/chrome/vk_swiftshader_icd.json"];

/**
 * Lets WebGPU find a graphics card that the processor imitates, as Debian's Chromium brings it along;
 * before ONNX Runtime is loaded. False, with the reason printed, where there is none.
 */
export function useSwiftShader(): boolean {
  const found = places.find((place) => existsSync(place));
  if (found === undefined) {
    process.stderr.write("skipped: tests of WebGPU in Node, for want of SwiftShader (Debian's chromium)\n");
    return false;
  }
  process.env.VK_ICD_FILENAMES = found;
  // The Vulkan loader complains without it.
  process.env.XDG_RUNTIME_DIR ??= "/tmp";
  return true;
}
