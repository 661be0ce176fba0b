import { type CapsImages, type FilePath, joinPath } from "@voxplain/core";
import { checkId, layoutOf, otherName } from "../layout.ts";
import { checkRegionName } from "./region-masks.ts";
import type { PatchSettings, RoiSettings, SliceSettings } from "./settings.ts";

/** The folder of a session in which extracted parts lie; undefined where images have none. */
export function extractedFolder(
  images: CapsImages,
  participantId: string,
  sessionId: string,
  mode: "patch" | "roi" | "slice",
): FilePath | undefined {
  checkId(participantId, "participant_id");
  checkId(sessionId, "session_id");
  const { pipeline } = layoutOf(images);
  if (pipeline === undefined) return undefined;
  return joinPath(
    "subjects",
    participantId,
    sessionId,
    "deeplearning_prepare_data",
    `${mode}_based`,
    pipeline,
  );
}

/** What stands around the number of a numbered part. */
export interface NumberedName {
  readonly before: string;
  readonly after: string;
}

/**
 * How files of patches and slices are called: first as `clinicadl extract` writes them, then as
 * `clinicadl interpret` looked for them. The two differ for t1-volume only, whose images do not end in _T1w.
 * Then the same with or without "_T1w" in front of "_space-".
 */
export function numberedNames(
  images: CapsImages,
  participantId: string,
  sessionId: string,
  settings: PatchSettings | SliceSettings,
): readonly [NumberedName, ...NumberedName[]] {
  const stem = `${participantId}_${sessionId}${layoutOf(images).suffix}`;
  const last = stem.lastIndexOf("_");
  const part =
    settings.mode === "patch"
      ? `_patchsize-${settings.size}_stride-${settings.stride}_patch-`
      : `_axis-${["sag", "cor", "axi"][settings.direction]}_channel-rgb_slice-`;
  const written = { before: stem.slice(0, last) + part, after: `${stem.slice(last)}.pt` };
  const names = [written, { before: stem.slice(0, -"_T1w".length) + part, after: "_T1w.pt" }];
  const others = names.flatMap(({ before, after }) => {
    const other = otherName(before, { participantId, sessionId });
    return other === undefined ? [] : [{ before: other, after }];
  });
  const byStart = new Map([...names, ...others].map((name) => [name.before, name]));
  byStart.delete(written.before);
  return [written, ...byStart.values()];
}

/**
 * How the file of a region is called, in the same order. The two differ also for t1-extensive, where
 * the description of the image is lost in writing.
 */
export function regionNames(
  images: CapsImages,
  participantId: string,
  sessionId: string,
  { uncropped }: RoiSettings,
  region: string,
): readonly [string, ...string[]] {
  checkRegionName(region);
  const { suffix, template, maskPattern = "" } = layoutOf(images);
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

  const writtenName = `${id}_${written.join("_")}${suffix.slice(suffix.lastIndexOf("_"))}.pt`;
  const names = [
    writtenName,
    writtenName.replace("__", "_"),
    `${id}${sought.join("_")}_roi-${region}_T1w.pt`,
  ];
  const others = names.map((name) => otherName(name, { participantId, sessionId }));
  const distinct = new Set([...names, ...others.filter((name) => name !== undefined)]);
  distinct.delete(writtenName);
  return [writtenName, ...distinct];
}
