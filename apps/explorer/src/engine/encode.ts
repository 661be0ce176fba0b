import { unknownPosition } from "@voxplain/caps-io";
import { encodeNpy } from "@voxplain/core";
import { gzipInBrowser } from "@voxplain/core/web";
import { encodeNiftiGz } from "@voxplain/writers";
import type { Explanation } from "./engine.ts";
import { explainedValue } from "./explained-value.ts";

/** The file of an explanation: its map with its place (.nii.gz), or all its channels (.npy). */
export async function encodeExplanation(
  { map, stored, request, prediction, isPlaced }: Explanation,
  format: "nifti" | "npy",
): Promise<Uint8Array> {
  if (format === "npy") return encodeNpy(stored);
  const value = explainedValue(request.region);
  const output = value === undefined ? "output" : `output ${value}`;
  const target = prediction.probabilities.length === 0 ? output : `class ${request.target}`;
  const what = `Voxplain: ${request.method}, ${target}`;
  const description = isPlaced ? what : `${unknownPosition}; ${what}`;
  return encodeNiftiGz(map, gzipInBrowser, { description });
}
