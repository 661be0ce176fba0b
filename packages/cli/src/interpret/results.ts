import type { PartInput } from "@voxplain/caps-io";
import { toImageGradient, toRawIntensities } from "@voxplain/caps-io";
import {
  type Affine,
  encodeNpy,
  firstChannel,
  type Tensor,
  type Volume,
  VoxplainError,
} from "@voxplain/core";
import { type GroupMean, groupMean, type Recomposition, recomposition } from "@voxplain/saliency";
import type { ExplainedPart, ExplainedSession } from "../job/explain-sessions.ts";
import type { RecordedFiles } from "../job/recorded-files.ts";
import { type Anatomy, anatomySum } from "./anatomy.ts";
import { affineOfBox } from "./geometry.ts";
import { allSettled, type MapOptions, writeMap, writeNifti, writtenAffine } from "./map-files.ts";
import type { SessionFolders } from "./session-folders.ts";

/** What is made of the maps as they come. */
export interface Results {
  add(explained: ExplainedSession, options: MapOptions): Promise<void>;
  /** Resolves when everything is written. */
  finish(): Promise<void>;
  /** Resolves when nothing is being written any more, be it because it failed. */
  settled(): Promise<void>;
}

export interface ResultSettings {
  /** Maps are gradients at the raw intensities instead of the normalised ones. */
  readonly throughNormalization: boolean;
}

/** The mean of all maps, over the mean of the images; of parts also the mean map of the whole image. */
export function groupResults(files: RecordedFiles, name: string, settings: ResultSettings): Results {
  const sum = mapSum(settings);
  let chosen: MapOptions | undefined;
  let sessions = 0;
  return {
    async add(explained, options) {
      sum.add(explained);
      sessions++;
      if (chosen?.affine === undefined) chosen = options;
    },
    async finish() {
      if (chosen === undefined) throw new VoxplainError("not-found", "there is no map to write");
      const title = `${name}: mean of ${sessions} ${sessions === 1 ? "session" : "sessions"}`;
      await sum.write(files, "", { ...chosen, title }, firstChannel);
    },
    settled: async () => {},
  };
}

/** Maps per session. Writing goes on while the next map is computed, but never far behind. */
export function individualResults(
  files: RecordedFiles,
  folderOf: SessionFolders,
  settings: ResultSettings,
): Results {
  let writing: Promise<void> = Promise.resolve();
  return {
    async add(explained, options) {
      const folder = folderOf(explained.input.session);
      const sum = mapSum(settings);
      sum.add(explained);
      await writing;
      writing = (async () => {
        await sum.write(files, folder, options, (map) => map);
        for (const part of explained.parts) {
          if (part.part.name !== "image") await writePart(files, folder, part, options, settings);
        }
      })();
      // Its failure is met at the next `await writing`.
      writing.catch(() => {});
    },
    finish: () => writing,
    settled: () => writing.catch(() => {}),
  };
}

/** Sums maps, and puts those of parts where the parts lie. */
function mapSum(settings: ResultSettings) {
  const anatomy: Anatomy = anatomySum();
  const inputs = groupMean();
  let mean: GroupMean | undefined = groupMean();
  let whole: Recomposition | undefined;
  let shape = "";
  const writeMean = async (
    sum: GroupMean,
    files: RecordedFiles,
    folder: string,
    options: MapOptions,
    stored: (map: Tensor<"float32">) => Tensor<"float32">,
  ) => {
    const map = sum.mean();
    const under = inputs.count === 0 ? anatomy.mean() : inputs.mean().data;
    await writeMap(files, `${folder}map`, { map, stored: stored(map), anatomy: under }, options);
  };
  const writeWhole = async (files: RecordedFiles, folder: string, options: MapOptions) => {
    if (whole === undefined) return;
    const map = whole.mean();
    const coverage = volumeOf(whole.coverage(), writtenAffine(options));
    const under = anatomy.mean();
    const withChannel = { ...map, dims: [1, ...map.dims] };
    const written = {
      map: withChannel,
      stored: map,
      ...(under.length === map.data.length && { anatomy: under }),
    };
    await allSettled(
      writeMap(files, `${folder}recomposed`, written, options),
      writeNifti(files, `${folder}coverage`, coverage, options),
    );
  };
  return {
    add(explained: ExplainedSession) {
      anatomy.add(explained);
      for (const { part, map } of explained.parts) {
        shape ||= part.input.dims.join();
        // The networks of a multi-CNN model may see parts of different sizes: these have no mean.
        if (shape !== part.input.dims.join()) mean = undefined;
        mean?.add(settings.throughNormalization ? toRawIntensities(map, part) : map);
        if (part.name === "image") continue;
        if (mean !== undefined) inputs.add(part.input);
        if (part.placement === undefined || explained.input.grid === undefined) continue;
        whole ??= recomposition(explained.input.grid);
        whole.add(toImageGradient(map, part, settings).data, part.placement);
      }
    },
    /** @param stored - What of the mean map is stored: all channels or the first. */
    async write(
      files: RecordedFiles,
      folder: string,
      options: MapOptions,
      stored: (map: Tensor<"float32">) => Tensor<"float32">,
    ): Promise<void> {
      await allSettled(
        writeWhole(files, folder, options),
        ...(mean === undefined ? [] : [writeMean(mean, files, folder, options, stored)]),
      );
    },
  };
}

/** The map of one part below `parts/`; as NIfTI where the part lies in the image, so that both open together. */
async function writePart(
  files: RecordedFiles,
  folder: string,
  { part, map }: ExplainedPart,
  options: MapOptions,
  settings: ResultSettings,
): Promise<void> {
  const path = `${folder}parts/${part.name}/map`;
  const stored = settings.throughNormalization ? toRawIntensities(map, part) : map;
  if (part.input.dims.length === 3) {
    return writeMap(files, path, { map: stored, stored }, options);
  }
  await files.write(`${path}.npy`, encodeNpy(stored), stored.data);
  const placed = placedVolume(map, part, options, settings);
  if (placed !== undefined) await writeNifti(files, path, placed, options);
}

function placedVolume(
  map: Tensor<"float32">,
  part: PartInput,
  options: MapOptions,
  settings: ResultSettings,
): Volume | undefined {
  if (part.placement === undefined) return undefined;
  const affine = writtenAffine(options);
  return volumeOf(toImageGradient(map, part, settings), affineOfBox(affine, part.placement.start));
}

function volumeOf({ dims, data }: Tensor<"float32">, affine: Affine): Volume {
  return { data, shape: dims as unknown as Volume["shape"], affine };
}
