import { flatten, linear, logits, relu } from "./layers.ts";
import type { NetworkBuilder, Value } from "./network-builder.ts";

/** Three fully connected layers with ReLU between them, `<key>.2`, `<key>.4` and `<key>.6`; the last gives the logits. */
export function fullyConnectedLayers(
  network: NetworkBuilder,
  features: Value,
  key: string,
  widths: readonly [number, number],
): Value {
  let x = flatten(network, features, `${key}.0`);
  x = linear(network, x, `${key}.2`, widths[0]);
  x = relu(network, x, `${key}.3`);
  x = linear(network, x, `${key}.4`, widths[1]);
  x = relu(network, x, `${key}.5`);
  return logits(network, x, `${key}.6`);
}
