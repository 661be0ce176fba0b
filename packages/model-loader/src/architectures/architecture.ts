import type { NetworkBuilder, Value } from "../network-builder.ts";

/** How a network is built: nodes in, one after the other, and the weights they need. */
export interface Architecture {
  readonly name: string;
  /** The size it is made for, [C, X, Y, Z] or [C, H, W]; undefined where any size will do. */
  readonly inputDims: readonly number[] | undefined;
  build(network: NetworkBuilder, image: Value): Value;
}
