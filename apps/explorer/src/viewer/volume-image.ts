import type { Niivue, NVImage } from "@niivue/niivue";
import type { Volume } from "@voxplain/core";

type ImageKind = typeof NVImage;
type Loading = Parameters<ImageKind["loadFromFile"]>[0];

const float32 = 16;

/** Where the voxels of a NIfTI-1 file begin, behind its header. */
const voxelsAt = 352;

/**
 * The volume as NiiVue reads it: NIfTI, whose first axis is the fastest; its values are multiplied by a factor, and 0
 * where they are not finite.
 */
export function volumeImage(
  kind: ImageKind,
  { data, shape, affine }: Volume,
  options: Omit<Loading, "file">,
  factor = 1,
): Promise<Niivue["volumes"][number]> {
  const [width, height, depth] = shape;
  const spacing = [0, 1, 2].map((axis) => Math.hypot(...affine.slice(0, 3).map((row) => row[axis]!)));
  // Voxels are written behind the header at once: a volume takes much of a page's memory.
  const bytes = new Uint8Array(voxelsAt + 4 * data.length);
  bytes.set(kind.createNiftiArray([...shape], spacing, affine.flat(), float32, new Uint8Array(0)));
  const values = new Float32Array(bytes.buffer, voxelsAt);
  let at = 0;
  for (let k = 0; k < depth; k++) {
    for (let j = 0; j < height; j++) {
      for (let i = 0; i < width; i++) {
        const value = factor * data[(i * height + j) * depth + k]!;
        values[at++] = Number.isFinite(value) ? value : 0;
      }
    }
  }
  return kind.loadFromFile({ file: new File([bytes], "volume.nii"), ...options });
}
