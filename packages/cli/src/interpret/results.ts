import type { InputImage } from "@voxplain/caps-io";
import { type Tensor, VoxplainError } from "@voxplain/core";
import { type Explained, groupMean } from "@voxplain/saliency";
import { firstChannel, type MapOptions, writeMap } from "./map-files.ts";
import type { RecordedFiles } from "./recorded-files.ts";

export type ExplainedImage = Explained<InputImage>;

/** What is made of the maps as they come. */
export interface Results {
  add(explained: ExplainedImage, options: MapOptions): Promise<void>;
  /** Resolves when everything is written. */
  finish(): Promise<void>;
  /** Resolves when nothing is being written any more, be it because it failed. */
  settled(): Promise<void>;
}

/** The mean of all maps, over the mean of the images. */
export function groupResults(files: RecordedFiles, name: string): Results {
  const mean = groupMean();
  let anatomy = new Float32Array();
  let lastOptions: MapOptions | undefined;
  return {
    async add({ item, map }, options) {
      mean.add(map);
      lastOptions ??= options;
      if (anatomy.length === 0) anatomy = new Float32Array(map.data.length);
      addTo(anatomy, item.input);
    },
    async finish() {
      if (lastOptions === undefined) throw new VoxplainError("not-found", "there is no map to write");
      const map = mean.mean();
      const title = `${name}: mean of ${mean.count} ${mean.count === 1 ? "session" : "sessions"}`;
      await writeMap(files, "", map, firstChannel(map), anatomy, { ...lastOptions, title });
    },
    settled: async () => {},
  };
}

/** One map per session. Writing goes on while the next map is computed, but never far behind. */
export function individualResults(files: RecordedFiles): Results {
  let writing: Promise<void> = Promise.resolve();
  return {
    async add({ item, map }, options) {
      const { participantId, sessionId } = item.image.session;
      await writing;
      writing = writeMap(files, `${participantId}/${sessionId}`, map, map, item.input.data, options);
      // Its failure is met at the next `await writing`.
      writing.catch(() => {});
    },
    finish: () => writing,
    settled: () => writing.catch(() => {}),
  };
}

function addTo(sum: Float32Array, { data }: Tensor<"float32">): void {
  for (let k = 0; k < sum.length; k++) sum[k]! += data[k]!;
}
