import { type FilePath, isVoxplainError, type VoxplainError } from "@voxplain/core";
import { loadNetwork } from "../load-network.ts";
import { openImageNetwork } from "../onnx/image-network.ts";
import { expectedInputDims } from "../settings/expected-input.ts";
import type { LoadedNetwork } from "../trained-network.ts";
import type { ModelFolder, NetworkFiles } from "./folder-content.ts";

/** One network of a model folder, and whether it can be loaded. */
export interface SurveyedNetwork {
  /** The fold's number: 0 for "fold-0". */
  readonly fold: number;
  /** "best_loss", "best_balanced_accuracy", … */
  readonly selection: string;
  /** In a multi-CNN model, the index of the part that it sees. */
  readonly part?: number;
  /** The file of its weights, in the folder. */
  readonly file: FilePath;
  /** What was loaded; undefined where that failed, or where the size of the input depends on the image. */
  readonly loaded?: NetworkFacts;
  /** Why it could not be loaded. */
  readonly problem?: VoxplainError;
  /** Whether images can be tried: it loads, or weights and size of the input do not fit (`mismatch`), as images may have another. */
  readonly isUsable: boolean;
}

/** What a network's file holds, without its weights. */
export type NetworkFacts = Pick<
  LoadedNetwork,
  "architecture" | "parameterCount" | "classCount" | "inputDims" | "weightsKeys" | "epoch" | "notes"
>;

/** How a folder is looked through. */
export interface SurveyOptions {
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** As of {@link loadNetwork}. */
  readonly weightsKey?: string | undefined;
}

/**
 * Loads each network of a model folder once, with the input that its training saw, to see which can be used. Weights
 * are not read; nothing is kept of a network but its facts.
 * @returns The networks by fold, selection and part.
 * @throws What `options.signal` was aborted with.
 */
export async function surveyFolder(
  folder: ModelFolder,
  { signal, weightsKey }: SurveyOptions = {},
): Promise<readonly SurveyedNetwork[]> {
  const inputDims = expectedInputDims(folder.settings);
  const surveyed: SurveyedNetwork[] = [];
  for (const { index: fold, selections } of folder.folds) {
    for (const { name: selection, networks, ...files } of selections) {
      for (const one of networks ?? [files]) {
        signal?.throwIfAborted();
        const part = "index" in one ? { part: one.index } : undefined;
        // A single network where the settings say one per part would see other parts: loading it is refused.
        const network = part?.part ?? (folder.settings.networkType === "multicnn" ? 0 : undefined);
        const dims = await statedInput(folder, one.onnx, inputDims);
        const outcome = await tryToLoad(folder, fold, selection, { inputDims: dims, network, weightsKey });
        surveyed.push({ fold, selection, ...part, file: fileOf(one), ...outcome });
      }
    }
  }
  return surveyed;
}

/** What an ONNX file states, where the settings only let expect an input. */
async function statedInput(
  { source, settings }: ModelFolder,
  onnx: FilePath | undefined,
  expected: readonly number[] | undefined,
): Promise<readonly number[] | undefined> {
  if (onnx === undefined || settings.inputDims !== undefined) return expected;
  try {
    const { lengths } = await openImageNetwork(source, onnx);
    const fixed = lengths.filter((length) => length !== null);
    return fixed.length === lengths.length ? fixed : expected;
  } catch (error) {
    // Loading it reports what is wrong with the file.
    if (!isVoxplainError(error)) throw error;
    return expected;
  }
}

interface Wanted {
  readonly inputDims: readonly number[] | undefined;
  readonly network: number | undefined;
  readonly weightsKey: string | undefined;
}

async function tryToLoad(
  folder: ModelFolder,
  fold: number,
  selection: string,
  { inputDims, network, weightsKey }: Wanted,
): Promise<Pick<SurveyedNetwork, "loaded" | "problem" | "isUsable">> {
  // A reconstruction is refused whatever its input.
  if (inputDims === undefined && folder.settings.task !== "reconstruction") return { isUsable: true };
  try {
    const options = { inputDims: inputDims ?? [], weightsKey, ...(network !== undefined && { network }) };
    return { loaded: factsOf(await loadNetwork(folder, fold, selection, options)), isUsable: true };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return { problem: error, isUsable: error.code === "mismatch" };
  }
}

/** Without the graph, which refers to the file of the weights. */
function factsOf(network: LoadedNetwork): NetworkFacts {
  const { architecture, parameterCount, classCount, inputDims, weightsKeys, epoch, notes } = network;
  return {
    ...{ architecture, parameterCount, classCount, inputDims },
    ...(weightsKeys !== undefined && { weightsKeys }),
    ...(epoch !== undefined && { epoch }),
    ...(notes !== undefined && { notes }),
  };
}

function fileOf({ onnx, checkpoint }: Pick<NetworkFiles, "onnx" | "checkpoint">): FilePath {
  // A selection without any file is not listed.
  return onnx ?? checkpoint ?? "";
}
