import type { ModelRuntime } from "@voxplain/core";
import { findSelection, type LoadedNetwork, loadNetwork, type ModelFolder } from "@voxplain/model-loader";
import { type DifferentiableModel, differentiableModel, isSmallInput } from "@voxplain/saliency";

/** A network that is ready to compute. */
export interface OpenNetwork {
  readonly network: LoadedNetwork;
  readonly model: DifferentiableModel;
}

/** The networks of a fold and selection: one for all, or one per part of the image. */
export interface Networks {
  /** Of a multi-CNN model; undefined where one network sees every part. */
  readonly count: number | undefined;
  /** What was opened, for the record. */
  readonly used: readonly LoadedNetwork[];
  /** @param part - The part that the network of a multi-CNN model sees. */
  open(inputDims: readonly number[], part: number): Promise<OpenNetwork>;
}

/** @param concurrentRuns - Of small inputs. */
export function networksOf(
  folder: ModelFolder,
  { fold, selection }: { readonly fold: number; readonly selection: string },
  runtime: ModelRuntime,
  concurrentRuns: number,
): Networks {
  const { networks } = findSelection(folder, fold, selection);
  const loaded = new Map<number, LoadedNetwork>();
  const load = async (inputDims: readonly number[], index: number) => {
    return loadNetwork(folder, fold, selection, {
      inputDims,
      // Of a folder that says so and holds a single network, too: that is refused, for it would see other parts.
      ...((networks || folder.settings.networkType === "multicnn") && { network: index }),
    });
  };
  return {
    count: networks?.length,
    get used() {
      return [...loaded.values()];
    },
    async open(inputDims, part) {
      const index = networks ? part : 0;
      const network = loaded.get(index) ?? (await load(inputDims, index));
      loaded.set(index, network);
      return {
        network,
        model: differentiableModel(network, runtime, {
          concurrentRuns: isSmallInput(inputDims) ? concurrentRuns : 1,
        }),
      };
    },
  };
}
