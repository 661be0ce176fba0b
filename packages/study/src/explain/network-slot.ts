import type { KernelUse, ModelRuntime } from "@voxplain/core";
import type { LoadedNetwork } from "@voxplain/model-loader";
import {
  type ChosenMethod,
  type DifferentiableModel,
  differentiableModel,
  isSmallInput,
} from "@voxplain/saliency";
import type { Model, NetworkChoice, NetworkRequest } from "../model/model.ts";
import { sameOutput } from "../model/same-output.ts";

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
  /** What it is opened for; undefined for predictions. */
  readonly method?: ChosenMethod | undefined;
  /** Runs of small inputs that the runtime computes at once; default 1. */
  readonly concurrentRuns?: number | undefined;
  /** Called when the runtime begins to open a session for it. */
  readonly onOpening?: (() => void) | undefined;
}

/** Keeps one network open, for the next image and the next call. */
export interface NetworkSlot {
  /** What the networks run on. */
  readonly runtime: ModelRuntime;
  /** The networks that were opened, for records; each once. */
  readonly used: readonly LoadedNetwork[];
  /** What computed the first blocks of these networks, each combination once, for records. */
  readonly kernelUses: readonly KernelUse[];
  /**
   * The network that is open, where it is the one that is asked for; else that is closed, and this one is opened. A
   * network is opened anew, too, for another method than one that took gradients at a layer or propagated relevance: the
   * sessions of these are of no use to others, and their memory is freed.
   * @throws VoxplainError as `load` of the model.
   */
  open(request: SlotRequest): Promise<OpenNetwork>;
  /** Closes the network that is open. */
  release(): Promise<void>;
}

/** A slot in which no network is open yet. Only one job at a time may use it. */
export function networkSlot(runtime: ModelRuntime): NetworkSlot {
  const loaded = new Map<string, LoadedNetwork>();
  const uses = new Map<string, KernelUse>();
  const opened = new Set<DifferentiableModel>();
  const collectUses = () => {
    for (const use of [...opened].flatMap((model) => model.kernelUses?.() ?? []))
      uses.set(JSON.stringify(use), use);
  };
  let current: { readonly of: SlotRequest; readonly open: Promise<OpenNetwork> } | undefined;
  let using: ChosenMethod | undefined;
  /** Opened sessions that only it needs. */
  let owner: ChosenMethod | undefined;
  const release = async () => {
    const released = current;
    [current, owner] = [undefined, undefined];
    const network = await released?.open.catch(() => undefined);
    collectUses();
    if (network) opened.delete(network.model);
    await network?.model.release();
  };
  return {
    runtime,
    get used() {
      return [...loaded.values()];
    },
    get kernelUses() {
      collectUses();
      return [...uses.values()];
    },
    async open(request) {
      const { method } = request;
      const isInTheWay = owner !== undefined && method !== undefined && owner !== method;
      if (method !== undefined) using = method;
      if (current !== undefined && !isInTheWay && isSame(current.of, request)) return current.open;
      // At once, so that whoever asks for the same meanwhile gets the same.
      const open = release().then(async () => {
        const network = await openNetwork(request, runtime, () => {
          owner = using;
        });
        opened.add(network.model);
        return network;
      });
      current = { of: request, open };
      const { network } = await open;
      const { choice, inputDims, part, index } = request;
      loaded.set(JSON.stringify([choice.fold, choice.selection, part, inputDims, index]), network);
      return open;
    },
    release,
  };
}

function isSame(a: SlotRequest, b: SlotRequest): boolean {
  const keyOf = ({ choice: { fold, selection }, part }: SlotRequest) =>
    JSON.stringify([fold, selection, part]);
  return a.model === b.model && keyOf(a) === keyOf(b) && sameOutput(a, b);
}

async function openNetwork(
  { model, choice, concurrentRuns = 1, method: _, onOpening, ...request }: SlotRequest,
  runtime: ModelRuntime,
  onSpecial: () => void,
): Promise<OpenNetwork> {
  const network = await model.load(choice, request);
  const runs = isSmallInput(request.inputDims) ? concurrentRuns : 1;
  const opening: ModelRuntime = {
    ...runtime,
    createSession(artifact, options) {
      onOpening?.();
      return runtime.createSession(artifact, options);
    },
  };
  return {
    network,
    model: noticing(differentiableModel(network, opening, { concurrentRuns: runs }), onSpecial),
  };
}

/** Calls back when sessions are opened that another method has no use for. */
function noticing(model: DifferentiableModel, onSpecial: () => void): DifferentiableModel {
  return {
    ...model,
    gradient(input, target, options) {
      if (options?.layer !== undefined || options?.propagation !== undefined) onSpecial();
      return model.gradient(input, target, options);
    },
  };
}
