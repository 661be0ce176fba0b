import type { ModelRuntime } from "@voxplain/core";
import type { LoadedNetwork } from "@voxplain/model-loader";
import { type DifferentiableModel, differentiableModel, isSmallInput } from "@voxplain/saliency";
import type { Model, NetworkChoice, NetworkRequest } from "../model/model.ts";

/** A network that is ready to compute. */
export interface OpenNetwork {
  /** As it was read. */
  readonly network: LoadedNetwork;
  /** On the runtime. */
  readonly model: DifferentiableModel;
}

/** Which network is opened, and how. */
export interface SlotRequest extends NetworkRequest {
  /** What holds it. */
  readonly model: Model;
  /** Which of its networks. */
  readonly choice: NetworkChoice;
  /** Runs of small inputs that the runtime computes at once; default 1. */
  readonly concurrentRuns?: number | undefined;
}

/** Keeps one network open, for the next image and the next call. */
export interface NetworkSlot {
  /** What the networks run on. */
  readonly runtime: ModelRuntime;
  /** The networks that were opened, for records; each once. */
  readonly used: readonly LoadedNetwork[];
  /**
   * The network that is open, where it is the one that is asked for; else that is closed, and this one is opened.
   * @throws VoxplainError as `load` of the model.
   */
  open(request: SlotRequest): Promise<OpenNetwork>;
  /** Closes the network that is open. */
  release(): Promise<void>;
}

/** A slot in which no network is open yet. Only one job at a time may use it. */
export function networkSlot(runtime: ModelRuntime): NetworkSlot {
  const loaded = new Map<string, LoadedNetwork>();
  let current:
    | { readonly of: SlotRequest; readonly key: string; readonly open: Promise<OpenNetwork> }
    | undefined;
  const release = async () => {
    const released = current;
    current = undefined;
    const opened = await released?.open.catch(() => undefined);
    await opened?.model.release();
  };
  return {
    runtime,
    get used() {
      return [...loaded.values()];
    },
    async open(request) {
      const { model, choice, inputDims, part, index, region } = request;
      const key = JSON.stringify([choice.fold, choice.selection, part, inputDims, index]);
      if (current?.of.model === model && current.of.region === region && current.key === key)
        return current.open;
      await release();
      const open = openNetwork(request, runtime);
      current = { of: request, key, open };
      loaded.set(key, (await open).network);
      return open;
    },
    release,
  };
}

async function openNetwork(
  { model, choice, concurrentRuns = 1, ...request }: SlotRequest,
  runtime: ModelRuntime,
): Promise<OpenNetwork> {
  const network = await model.load(choice, request);
  const runs = isSmallInput(request.inputDims) ? concurrentRuns : 1;
  return { network, model: differentiableModel(network, runtime, { concurrentRuns: runs }) };
}
