import type { NetworkBuilder, Value } from "./network-builder.ts";

/** How a network is built: nodes in, one after the other, and the weights they need. */
export interface Architecture {
  readonly name: string;
  /** The size it is made for, [C, X, Y, Z] or [C, H, W]; undefined where its weights decide which sizes will do. */
  readonly inputDims: readonly number[] | undefined;
  /** Where it is made for no size: spatial axes of its images; undefined for both kinds. */
  readonly axes?: 2 | 3;
  build(network: NetworkBuilder, image: Value): Value;
}
