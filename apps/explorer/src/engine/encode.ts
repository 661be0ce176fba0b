import { gzipInBrowser } from "@voxplain/core/web";
import { encodeNiftiGz, encodeNpy } from "@voxplain/writers";
import type { Explanation } from "./engine.ts";

/** The file of an explanation: its map with its place (.nii.gz), or all its channels (.npy). */
export async function encodeExplanation(
  { map, stored, request }: Explanation,
  format: "nifti" | "npy",
): Promise<Uint8Array> {
  if (format === "npy") return encodeNpy(stored);
  const description = `Voxplain: ${request.method}, class ${request.target}`;
  return encodeNiftiGz(map, gzipInBrowser, { description });
}
