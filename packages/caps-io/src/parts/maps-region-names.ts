import type { CapsImages } from "@voxplain/core";
import { layoutOf } from "../caps/layout.ts";
import { globPattern } from "../glob.ts";
import { checkRegionName } from "./find-mask.ts";
import type { RoiSettings } from "./settings.ts";

/**
 * How ClinicaDL 1.x calls the file of a region: after the image it was cut out of, and after the mask.
 * @param stem - The name of the image, without its ending.
 * @param mask - The path of the mask.
 */
export function mapsRegionName(stem: string, mask: string, { uncropped }: RoiSettings): string {
  const [participant, session, third, ...more] = stem.split("_");
  const suffix = stem.slice(stem.lastIndexOf("_"));
  const [space = "", ...words] = mask.slice(mask.lastIndexOf("/") + 1).split("_");
  const [region = ""] = words.slice(-2);
  const described = words.slice(0, -2);
  const isCropped = described.includes("desc-Crop");
  const description = uncropped ? (isCropped ? ["desc-CropImage"] : []) : ["desc-CropRoi"];
  const name = [
    ...[participant, session, ...(third === "T1w" && more.length > 0 ? [third] : [])],
    ...[`space-${space.split("-")[1]}`, ...description],
    ...described.filter((word) => word !== "desc-Crop"),
    `roi-${region.split("-")[1]}`,
  ];
  return `${name.join("_")}${suffix}.pt`;
}

/** The names among these that the file of a region may have, where the mask, or the image, is not there to name it. */
export function similarRegion(
  images: CapsImages,
  { uncropped }: RoiSettings,
  region: string,
  names: ReadonlySet<string>,
): readonly string[] {
  checkRegionName(images, region);
  const { template = "*", glob = "*" } = layoutOf(images);
  const suffix = glob.slice(glob.lastIndexOf("_") + 1);
  const pattern = globPattern(`*_space-${template}_*roi-${region}_${suffix}.pt`);
  return [...names].filter((name) => pattern.test(name) && name.includes("_desc-CropRoi_") !== uncropped);
}
