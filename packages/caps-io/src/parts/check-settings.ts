import { type CapsImages, VoxplainError } from "@voxplain/core";
import { is2d } from "../caps/layout.ts";
import { checkRegionName } from "./find-mask.ts";
import { type PartSettings, partNouns, type RoiSettings } from "./settings.ts";

/** @throws VoxplainError `unsupported` or `invalid-argument` for parts that no image can have. */
export function checkSettings(images: CapsImages, settings: PartSettings): void {
  if (settings.mode === "image") return;
  const { preprocessing } = images;
  if (is2d(images)) {
    throw new VoxplainError(
      "unsupported",
      `images of ${preprocessing} are 2D: there are no models of their ${partNouns[settings.mode]}`,
    );
  }
  if (settings.mode === "patch") {
    checkWhole(settings.size, 1, "the size of a patch");
    checkWhole(settings.stride, 1, "the stride of patches");
  }
  if (settings.mode === "slice") {
    for (const count of settings.discarded) checkWhole(count, 0, "the number of discarded slices");
    if (settings.count !== undefined) checkWhole(settings.count, 1, "the number of slices");
  }
  if (settings.mode === "roi") checkRegions(images, settings);
}

function checkWhole(value: number, least: number, what: string): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new VoxplainError("invalid-argument", `${what} is ${value}; it must be a whole number from ${least}`);
}

function checkRegions(images: CapsImages, { list, uncropped }: RoiSettings) {
  const { preprocessing } = images;
  if (list === undefined) {
    if (preprocessing !== "t1-linear") {
      throw new VoxplainError(
        "unsupported",
        `without a list of regions a model sees the hippocampi, whose place is known for t1-linear only, not for ${preprocessing}`,
      );
    }
    if (uncropped) {
      throw new VoxplainError("unsupported", "the hippocampi are crops: they cannot be left uncropped");
    }
    return;
  }
  if (list.length === 0) throw new VoxplainError("invalid-argument", "the list of regions is empty");
  for (const name of list) checkRegionName(images, name);
  const repeated = list.find((name, k) => list.indexOf(name) !== k);
  if (repeated !== undefined) {
    throw new VoxplainError("invalid-argument", `the list of regions names "${repeated}" twice`);
  }
}
