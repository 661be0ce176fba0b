import type { PartInput } from "@voxplain/caps-io";
import { toImageGradient } from "@voxplain/caps-io";
import { type Affine, encodeNpy, firstChannel, type Tensor, type Volume } from "@voxplain/core";
import {
  affineOfBox,
  atIntensities,
  type ExplainedImage,
  type ExplainedPart,
  groupMaps,
  type MeanMaps,
} from "@voxplain/study";
import type { RecordedFiles } from "../job/recorded-files.ts";
import type { Warnings } from "../job/warnings.ts";
import { allSettled, type MapOptions, writeMap, writeNifti, writtenAffine } from "./map-files.ts";
import type { InterpretJob } from "./plan.ts";
import type { SessionFolders } from "./session-folders.ts";

/** What is made of the maps as they come. */
export interface Results {
  add(image: ExplainedImage, warnings: Warnings): Promise<void>;
  /** Resolves when everything is written. */
  finish(): Promise<void>;
  /** Resolves when nothing is being written any more, be it because it failed. */
  settled(): Promise<void>;
}

type ResultJob = Pick<InterpretJob, "plan"> & {
  readonly arguments: Pick<InterpretJob["arguments"], "name" | "vmax">;
};

/** The mean of all maps, over the mean of the images; of parts also the mean map of the whole image. */
export function groupResults(files: RecordedFiles, { plan, arguments: { name, vmax } }: ResultJob): Results {
  const group = groupMaps(plan);
  let warnings: Warnings | undefined;
  return {
    async add(image, found) {
      group.add(image);
      warnings = found;
    },
    async finish() {
      const { count, affine, ...maps } = group.mean();
      const title = `${name}: mean of ${count} ${count === 1 ? "session" : "sessions"}`;
      const warn = (warning: string) => warnings?.add(warning);
      await writeMaps(files, "", maps, { affine, vmax, title, warn }, firstChannel);
    },
    settled: async () => {},
  };
}

/** Maps per session. Writing goes on while the next map is computed, but never far behind. */
export function individualResults(
  files: RecordedFiles,
  { plan, arguments: { name, vmax } }: ResultJob,
  folderOf: SessionFolders,
): Results {
  const throughNormalization = plan.request.throughNormalization ?? false;
  let writing: Promise<void> = Promise.resolve();
  return {
    async add(image, warnings) {
      const { session, affine } = image;
      const folder = folderOf(session);
      const title = `${name}: ${session.name}`;
      const options = { affine, vmax, title, warn: (warning: string) => warnings.add(warning) };
      const maps = image.maps();
      await writing;
      writing = (async () => {
        await writeMaps(files, folder, maps, options, (map) => map);
        for (const part of image.parts) {
          if (part.part.name !== "image") await writePart(files, folder, part, options, throughNormalization);
        }
      })();
      // Its failure is met at the next `await writing`.
      writing.catch(() => {});
    },
    finish: () => writing,
    settled: () => writing.catch(() => {}),
  };
}

/** @param stored - What of the mean map is stored: all channels or the first. */
async function writeMaps(
  files: RecordedFiles,
  folder: string,
  { ofInputs, recomposed }: MeanMaps,
  options: MapOptions,
  stored: (map: Tensor<"float32">) => Tensor<"float32">,
): Promise<void> {
  await allSettled(
    ...(recomposed === undefined ? [] : [writeRecomposed(files, folder, recomposed, options)]),
    ...(ofInputs === undefined
      ? []
      : [writeMap(files, `${folder}map`, { ...ofInputs, stored: stored(ofInputs.map) }, options)]),
  );
}

async function writeRecomposed(
  files: RecordedFiles,
  folder: string,
  { map, coverage, anatomy }: NonNullable<MeanMaps["recomposed"]>,
  options: MapOptions,
): Promise<void> {
  const withChannel = { ...map, dims: [1, ...map.dims] };
  await allSettled(
    writeMap(
      files,
      `${folder}recomposed`,
      { map: withChannel, stored: map, ...(anatomy && { anatomy }) },
      options,
    ),
    writeNifti(files, `${folder}coverage`, volumeOf(coverage, writtenAffine(options)), options),
  );
}

/** The map of one part below `parts/`; as NIfTI where the part lies in the image, so that both open together. */
async function writePart(
  files: RecordedFiles,
  folder: string,
  { part, map }: ExplainedPart,
  options: MapOptions,
  throughNormalization: boolean,
): Promise<void> {
  const path = `${folder}parts/${part.name}/map`;
  const stored = atIntensities(map, part, throughNormalization);
  if (part.input.dims.length === 3) {
    return writeMap(files, path, { map: stored, stored }, options);
  }
  await files.write(`${path}.npy`, encodeNpy(stored), stored.data);
  const placed = placedVolume(map, part, options, throughNormalization);
  if (placed !== undefined) await writeNifti(files, path, placed, options);
}

function placedVolume(
  map: Tensor<"float32">,
  part: PartInput,
  options: MapOptions,
  throughNormalization: boolean,
): Volume | undefined {
  if (part.placement === undefined) return undefined;
  const affine = affineOfBox(writtenAffine(options), part.placement.start);
  return volumeOf(toImageGradient(map, part, { throughNormalization }), affine);
}

function volumeOf({ dims, data }: Tensor<"float32">, affine: Affine): Volume {
  return { data, shape: dims as unknown as Volume["shape"], affine };
}
