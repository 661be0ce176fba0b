import type { CapsImages } from "@voxplain/core";
import { layoutOf } from "../caps/layout.ts";
import { twoNames } from "../caps/two-names.ts";
import type { Session } from "../cohorts/labels.ts";
import { globPattern } from "../glob.ts";
import { checkRegionName } from "./find-mask.ts";
import type { PatchSettings, RoiSettings, SliceSettings } from "./settings.ts";

/** What stands around the number of a numbered part. */
export interface NumberedName {
  readonly before: string;
  readonly after: string;
}

/**
 * How files of patches and slices are called: after the image where its name is known, then after the plain names of
 * images. Those of 0.2 are looked for as `clinicadl extract` writes them, then as `clinicadl interpret` looked for them;
 * the two differ for t1-volume only, whose images do not end in _T1w.
 */
export function numberedNames(
  images: CapsImages,
  { participantId, sessionId }: Session,
  settings: PatchSettings | SliceSettings,
  stem?: string,
): readonly NumberedName[] {
  const { suffixes } = layoutOf(images);
  const plain = suffixes.map((suffix) => `${participantId}_${sessionId}${suffix}`);
  const part = partName(settings);
  const names = [...(stem === undefined || images.generation !== "1.x" ? [] : [stem]), ...plain].map((name) =>
    numberedName(name, part),
  );
  const sought = plain.map((name) => ({ before: name.slice(0, -"_T1w".length) + part, after: "_T1w.pt" }));
  return distinct(images.generation === "1.x" ? names : [...names, ...sought]);
}

/** Those among the names of files that are of an image with other entities than the plain names have. */
export function similarNumbered(
  images: CapsImages,
  settings: PatchSettings | SliceSettings,
  names: ReadonlySet<string>,
): readonly NumberedName[] {
  const { glob } = layoutOf(images);
  if (glob === undefined) return [];
  const { before, after } = numberedName(glob, partName(settings));
  const pattern = globPattern(`${before}*${after}`);
  const found = [...names].flatMap((name) => {
    const number = pattern.test(name) ? /-(\d+)(_[^_]*\.pt)$/i.exec(name) : null;
    return number ? [{ before: name.slice(0, number.index + 1), after: number[2] ?? "" }] : [];
  });
  return distinct(found);
}

function partName(settings: PatchSettings | SliceSettings): string {
  if (settings.mode === "patch") return `_patchsize-${settings.size}_stride-${settings.stride}_patch-`;
  const channel = settings.channels === 3 ? "rgb" : "single";
  return `_axis-${["sag", "cor", "axi"][settings.direction]}_channel-${channel}_slice-`;
}

function numberedName(stem: string, part: string): NumberedName {
  const last = stem.lastIndexOf("_");
  return { before: stem.slice(0, last) + part, after: `${stem.slice(last)}.pt` };
}

function distinct(names: readonly NumberedName[]): readonly NumberedName[] {
  return [...new Map(names.map((name) => [`${name.before} ${name.after}`, name])).values()];
}

/**
 * How the file of a region is called by 0.2, in the same order. The two differ also for t1-extensive, where
 * the description of the image is lost in writing.
 */
export function regionNames(
  images: CapsImages,
  { participantId, sessionId }: Session,
  { uncropped }: RoiSettings,
  region: string,
): readonly [string, ...string[]] {
  checkRegionName(images, region);
  const { suffixes, template, maskPattern = "" } = layoutOf(images);
  const [suffix = ""] = suffixes;
  const id = `${participantId}_${sessionId}`;
  const cropped = suffix.split("_").includes("desc-Crop");
  const description = uncropped ? (cropped ? "desc-CropImage" : undefined) : "desc-CropRoi";

  const written = [
    ...(suffix.startsWith("_T1w_") ? ["T1w"] : []),
    `space-${template}`,
    // Where nothing describes the region an empty word remains between two underscores.
    description ?? "",
    ...maskPattern.split("_").filter((word) => word !== "" && word !== "desc-Crop"),
    `roi-${region}`,
  ];
  const sought = suffix
    .slice(0, -"_T1w".length)
    .split("_")
    .filter((word) => word !== "desc-Crop");
  const space = sought.findIndex((word) => word.startsWith("space-"));
  if (description !== undefined) sought.splice(space + 1, 0, description);

  const writtenName = `_${written.join("_")}${suffix.slice(suffix.lastIndexOf("_"))}.pt`;
  const names = [writtenName, writtenName.replace("__", "_"), `${sought.join("_")}_roi-${region}_T1w.pt`];
  const all = new Set([...names, ...names.flatMap((name) => twoNames(name))]);
  all.delete(writtenName);
  return [`${id}${writtenName}`, ...[...all].map((name) => `${id}${name}`)];
}
