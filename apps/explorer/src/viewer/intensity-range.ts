import { colourLimit } from "@voxplain/writers";
import type { Drawn } from "./drawn.ts";

const known = new WeakMap<Float32Array, number>();

/** Where the colours of a map end that is shown alone; its values are sorted once. */
export function ownLimit(data: Float32Array): number {
  const limit = known.get(data) ?? colourLimit(data);
  known.set(data, limit);
  return limit;
}

/**
 * Where the colours of maps end that are shown beside each other. Maps of one method with the same options are
 * compared by their colours, which then mean the same value; of two methods the values have nothing in common.
 * @param end - Where all of them end instead.
 */
export function colourLimits(shown: readonly Pick<Drawn, "map" | "kind">[], end?: number): readonly number[] {
  if (end !== undefined) return shown.map(() => end);
  const own = shown.map(({ map }) => ownLimit(map.data));
  return shown.map((one) => Math.max(...own.filter((_, index) => shown[index]!.kind === one.kind)));
}
