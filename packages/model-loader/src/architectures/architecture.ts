import type { Feature, Layers } from "../layers.ts";

export interface Architecture {
  /** The input it was made for, without the batch: [C, X, Y, Z] or [C, H, W]; others may do too. */
  readonly inputDims: readonly number[] | undefined;
  /** Puts the network on the input and returns its logits. */
  build(layers: Layers, input: Feature): Feature;
}
