import type { KernelUse, ModelRuntime } from "@voxplain/core";
import type { ChosenMethod } from "@voxplain/saliency";
import { type NetworkSlot, networkSlot, type OpenNetwork } from "@voxplain/study";

/** A method of an explanation: one object keeps its sessions. */
export interface KeptMethod {
  readonly key: string;
  readonly method: ChosenMethod;
  /** Sentences about what it compares with. */
  readonly warnings: readonly string[];
}

/** Keeps one network open, for the next explanation of the same choice. */
export interface PageSlot extends NetworkSlot {
  /** The method of the last explanation, where it is this one. */
  methodOf(key: string): KeptMethod | undefined;
  keepMethod(method: KeptMethod): void;
  /** Files of weights of the networks that were requested since the last `expect`. */
  readonly weightsNow: readonly string[];
  /** The pass that what comes next needs: a network opens its session first, and predicts by it where it is that of the gradient. */
  expect(pass: ChosenMethod["begins"]): Promise<void>;
  /** What computed the first blocks of the network that is open, for each kind of pass. */
  readonly usesNow: readonly KernelUse[];
}

/** Who wants to know what is opened. */
export interface SlotEvents {
  /** A graph is on its way to the runtime. */
  onOpening(): void;
  onOpen(open: OpenNetwork): void;
}

/** @param makeRuntime - Called when a network is opened after a release. */
export function pageSlot(makeRuntime: () => ModelRuntime, { onOpening, onOpen }: SlotEvents): PageSlot {
  let slot: NetworkSlot | undefined;
  let kept: KeptMethod | undefined;
  let last: OpenNetwork["model"] | undefined;
  let expected: ChosenMethod["begins"];
  const weights = new Set<string>();
  const current = () => {
    slot ??= networkSlot(announced(makeRuntime(), onOpening));
    return slot;
  };
  const release = async () => {
    const released = slot;
    [slot, expected] = [undefined, undefined];
    await released?.release();
  };
  return {
    get runtime() {
      return current().runtime;
    },
    get used() {
      return current().used;
    },
    get kernelUses() {
      return current().kernelUses;
    },
    async open(request) {
      const open = await current().open(request);
      last = open.model;
      weights.add(open.network.file);
      if (expected !== undefined) await open.model.open?.(expected);
      onOpen(open);
      return open;
    },
    get weightsNow() {
      return [...weights];
    },
    async expect(pass) {
      weights.clear();
      // Many forward passes are faster in a session of their own.
      if (pass === "forward" && expected === "gradient") await release();
      expected = pass ?? expected;
    },
    get usesNow() {
      return last?.kernelUses?.() ?? [];
    },
    release,
    methodOf: (key) => (kept?.key === key ? kept : undefined),
    keepMethod(method) {
      kept = method;
    },
  };
}

function announced(runtime: ModelRuntime, onOpening: () => void): ModelRuntime {
  return {
    executionProvider: runtime.executionProvider,
    lowering: runtime.lowering,
    version: runtime.version,
    ...(runtime.copiesWeights && { copiesWeights: true }),
    createSession(model, options) {
      onOpening();
      return runtime.createSession(model, options);
    },
  };
}
