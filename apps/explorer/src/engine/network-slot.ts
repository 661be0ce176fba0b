import type { ModelRuntime } from "@voxplain/core";
import { type AttributionMethod, type DifferentiableModel, differentiableModel } from "@voxplain/saliency";
import type { LoadedNetwork } from "./open-model.ts";
import { type Watcher, watchedRuntime } from "./watched-runtime.ts";

/** A network that is ready to compute. */
export interface OpenNetwork {
  readonly network: LoadedNetwork;
  readonly model: DifferentiableModel;
  /** The method of the last explanation: one object keeps its sessions. */
  method?: { readonly key: string; readonly compute: AttributionMethod };
}

/** Keeps one network open, for the next explanation of the same choice. */
export interface NetworkSlot {
  /** The one that is open where the key is the same; else that is released, and this one loaded. */
  open(key: string, load: () => Promise<LoadedNetwork>): Promise<OpenNetwork>;
  /**
   * As `open`, for a method: where an earlier one has opened sessions that only it needs (of a layer, or of
   * relevance instead of gradients), their memory is given back first.
   */
  openFor(
    method: { readonly key: string; readonly compute: AttributionMethod },
    key: string,
    load: () => Promise<LoadedNetwork>,
  ): Promise<OpenNetwork>;
  release(): Promise<void>;
}

export function networkSlot(
  makeRuntime: () => ModelRuntime,
  watcher: () => Watcher | undefined,
): NetworkSlot {
  let current: { readonly key: string; readonly open: OpenNetwork; special: boolean } | undefined;
  const release = async () => {
    const released = current;
    current = undefined;
    await released?.open.model.release();
  };
  const open: NetworkSlot["open"] = async (key, load) => {
    if (current?.key === key) return current.open;
    await release();
    const network = await load();
    const model = differentiableModel(network, watchedRuntime(makeRuntime(), watcher));
    const watched: DifferentiableModel = {
      ...model,
      gradient: (input, target, options) => {
        if (options?.layer !== undefined || options?.propagation !== undefined) {
          if (current?.open.model === watched) current.special = true;
        }
        return model.gradient(input, target, options);
      },
    };
    current = { key, open: { network, model: watched }, special: false };
    return current.open;
  };
  return {
    open,
    async openFor(method, key, load) {
      const isOther = current?.open.method?.key !== method.key;
      if (current?.key === key && current.special && isOther) await release();
      const opened = await open(key, load);
      if (opened.method?.key !== method.key) opened.method = method;
      return opened;
    },
    release,
  };
}
