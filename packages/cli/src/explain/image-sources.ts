import { statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readGridFile, voxelSizeOf } from "@voxplain/caps-io";
import { type Affine, type Tensor, VoxplainError } from "@voxplain/core";
import type { MethodSources } from "@voxplain/saliency";
import { fileAt } from "@voxplain/study/node";
import { type Companions, gridOfFile } from "./image-grids.ts";
import { imageName } from "./image-name.ts";

/**
 * Where the options of a method find their images when single files, of `axes` spatial axes, are explained.
 * @param used - Gets the grid of each file that is found.
 */
export function imageSources(
  prepare: (path: string) => Promise<Tensor<"float32">>,
  affine: Affine | undefined,
  axes: number,
  used: Companions,
): MethodSources {
  const addImage = async (path: string) => used.add({ ...(await gridOfFile(path)), needs: "directions" });
  return {
    async image(path) {
      await addImage(path);
      return prepare(path);
    },
    async labels(path) {
      const { source, below } = fileAt(path, "method_options");
      const { values, grid } = await readGridFile(source, below, axes);
      used.add({ ...grid, needs: "position" });
      return values;
    },
    async cohort(text) {
      const paths = await imagesIn(text);
      for (const path of paths) await addImage(path);
      return { length: paths.length, read: (index) => prepare(paths[index]!) };
    },
    voxelSize: async () => voxelSizeOf(affine)?.slice(0, axes),
  };
}

/** The images of a folder, in the order of their names; or files, separated by commas. */
async function imagesIn(text: string): Promise<readonly string[]> {
  const folder = resolve(text);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return text.split(",");
  const names = (await readdir(folder)).sort().filter((name) => {
    try {
      return imageName(name) !== "";
    } catch {
      return false;
    }
  });
  if (names.length > 0) return names.map((name) => join(folder, name));
  throw new VoxplainError("not-found", `there is no image in ${folder}`);
}
