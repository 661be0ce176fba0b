import type { PartInput } from "@voxplain/caps-io";
import { toImageGradient } from "@voxplain/caps-io";
import {
  type Affine,
  type FileSink,
  firstChannel,
  identityAffine,
  type Tensor,
  type Volume,
} from "@voxplain/core";
import {
  affineOfBox,
  atIntensities,
  type DrawnMap,
  type ExplainedImage,
  type ExplainedPart,
  type GroupMap,
  type MeanMaps,
  type Plan,
} from "@voxplain/study";
import type { OutputProvenance } from "@voxplain/writers";
import type { SessionFolders } from "../folders/session-folders.ts";
import { type RecordedFiles, recordedFiles } from "../records/recorded-files.ts";
import { keepUnder } from "./kept-under.ts";
import { allSettled, type MapForms, writeMap, writeNifti } from "./write-map.ts";

/** The files of the maps of one session. */
export interface WrittenMaps {
  /** Resolves with them when all of them are written. */
  readonly written: Promise<readonly OutputProvenance[]>;
}

/** The files of the maps of sessions, made as the maps come. */
export interface MapFiles {
  /** Resolves when the next image may come; not everything of this one has to be written by then. */
  add(image: ExplainedImage): Promise<WrittenMaps>;
  /** Resolves when all writes have settled. */
  settled(): Promise<void>;
}

/**
 * Which maps are drawn: each ("all"), none, or the mean map and those sessions whose maps resemble the others least ("summary": see
 * `writeSummaryPictures`).
 */
export type PictureChoice = "none" | "summary" | "all";

/** How the maps of a cohort are written. */
export interface MapFileOptions {
  /** Which maps are drawn. Default: all. */
  readonly pictures?: PictureChoice;
  /** The name of the result, which titles of pictures begin with. */
  readonly name: string;
  /** End of the colour scale of 2D maps. */
  readonly vmax: number;
  /** Called for NIfTI files that get the identity as their affine, because nothing gives the position of their voxels. */
  readonly onUnknownPosition?: () => void;
}

/** How the maps of each session are written. */
export interface SessionMapOptions extends MapFileOptions {
  /** Of `sessionFolders`. */
  readonly folderOf: SessionFolders;
}

/**
 * Writes the mean of all maps, over the mean of the images: `map.*`; of parts also the mean map of the whole image:
 * `recomposed.*` and `coverage.nii.gz`.
 */
export async function writeGroupMaps(
  files: RecordedFiles,
  { count, affine, ...maps }: GroupMap,
  options: MapFileOptions,
): Promise<void> {
  const title = `${options.name}: mean of ${count} ${count === 1 ? "session" : "sessions"}`;
  await writeMaps(files, "", maps, { ...options, affine, title }, firstChannel);
}

/**
 * Writes the maps of each session below its folder, and those of its parts below `parts/` in it. Writing goes on while
 * the next map is computed, but never far behind.
 */
export function individualMapFiles(
  sink: FileSink,
  plan: Pick<Plan, "request">,
  { folderOf, ...options }: SessionMapOptions,
): MapFiles {
  const throughNormalization = plan.request.throughNormalization ?? false;
  // Which sessions a summary shows is known when all are computed.
  const pictures = options.pictures === "none" || options.pictures === "summary" ? "none" : "all";
  let writing: Promise<unknown> = Promise.resolve();
  return {
    async add(image) {
      const { session, affine } = image;
      const folder = folderOf(session);
      const shown = { ...options, pictures, affine, title: titleOf(options, session) } as const;
      const maps = image.maps();
      await writing;
      const files = recordedFiles(sink);
      const written = (async () => {
        await allSettled(
          writeMaps(files, folder, maps, shown, (map) => map),
          ...(options.pictures === "summary" ? [keepUnder(sink, folder, maps)] : []),
        );
        for (const part of image.parts) {
          if (part.part.name !== "image") await writePart(files, folder, part, shown, throughNormalization);
        }
        return files.outputs;
      })();
      writing = written;
      // Its failure is met at the next `await writing`.
      writing.catch(() => {});
      return { written };
    },
    async settled() {
      await writing.catch(() => {});
    },
  };
}

/** The line above the picture of a session. */
export function titleOf(
  { name }: Pick<MapFileOptions, "name">,
  session: Pick<ExplainedImage["session"], "name">,
): string {
  return `${name}: ${session.name}`;
}

/** How one map is shown. */
interface Shown extends MapFileOptions {
  /** undefined where the position is unknown: NIfTI files get the identity then. */
  readonly affine: Affine | undefined;
  readonly title: string;
}

/** @param stored - What of the mean map is stored: all channels or the first. */
async function writeMaps(
  files: RecordedFiles,
  folder: string,
  { ofInputs, recomposed }: MeanMaps,
  shown: Shown,
  stored: (map: Tensor<"float32">) => Tensor<"float32">,
): Promise<void> {
  await allSettled(
    ...(recomposed === undefined ? [] : [writeRecomposed(files, folder, recomposed, shown)]),
    ...(ofInputs === undefined
      ? []
      : [writeMap(files, `${folder}map`, formsOf(ofInputs, stored(ofInputs.map), shown), shown)]),
  );
}

async function writeRecomposed(
  files: RecordedFiles,
  folder: string,
  { map, coverage, anatomy }: NonNullable<MeanMaps["recomposed"]>,
  shown: Shown,
): Promise<void> {
  const withChannel = { ...map, dims: [1, ...map.dims] };
  await allSettled(
    writeMap(
      files,
      `${folder}recomposed`,
      formsOf({ map: withChannel, ...(anatomy && { anatomy }) }, map, shown),
      shown,
    ),
    writeNifti(files, `${folder}coverage`, volumeOf(coverage, writtenAffine(shown)), shown),
  );
}

/** Pictures and NIfTI files show the first channel; without an anatomy no picture is made of a volume. */
function formsOf({ map, anatomy }: DrawnMap, stored: Tensor<"float32">, shown: Shown): MapForms {
  const { vmax, title, pictures } = shown;
  const first = firstChannel(map);
  if (first.dims.length === 2) {
    if (pictures === "none") return { stored };
    return { stored, picture: { ending: "jpg", draw: ({ renderMap2d }) => renderMap2d(first, { vmax }) } };
  }
  const volume = volumeOf(first, writtenAffine(shown));
  if (anatomy === undefined || pictures === "none") return { stored, volume };
  const under: Volume = { ...volume, data: anatomy.subarray(0, first.data.length) };
  return {
    ...{ stored, volume },
    picture: { ending: "png", draw: ({ renderPlanes }) => renderPlanes(volume, under, { title }) },
  };
}

/** The map of one part; as NIfTI where its place in the image is known, so that both open together. */
async function writePart(
  files: RecordedFiles,
  folder: string,
  { part, map }: ExplainedPart,
  shown: Shown,
  throughNormalization: boolean,
): Promise<void> {
  const stored = atIntensities(map, part, throughNormalization);
  const forms =
    part.input.dims.length === 3
      ? formsOf({ map: stored }, stored, shown)
      : { stored, ...placedVolume(map, part, shown, throughNormalization) };
  await writeMap(files, `${folder}parts/${part.name}/map`, forms, shown);
}

function placedVolume(
  map: Tensor<"float32">,
  part: PartInput,
  shown: Shown,
  throughNormalization: boolean,
): Pick<MapForms, "volume"> {
  if (part.placement === undefined) return {};
  const affine = affineOfBox(writtenAffine(shown), part.placement.start);
  return { volume: volumeOf(toImageGradient(map, part, { throughNormalization }), affine) };
}

/** The affine that volumes are written with. */
function writtenAffine({ affine, onUnknownPosition }: Shown): Affine {
  if (affine === undefined) onUnknownPosition?.();
  return affine ?? identityAffine;
}

function volumeOf({ dims, data }: Tensor<"float32">, affine: Affine): Volume {
  return { data, shape: dims as unknown as Volume["shape"], affine };
}
