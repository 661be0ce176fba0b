import { colourLimit } from "@voxplain/writers";
import type { Drawn } from "./drawn.ts";

export function exceeds(data: Float32Array, limit: number): boolean {
  return data.some((value) => Math.abs(value) > limit);
}

/**
 * Where the colours of maps end that are shown beside each other. Maps of one method with the same options are
 * compared by their colours, which then mean the same value; of two methods the values have nothing in common.
 */
export function colourLimits(shown: readonly Pick<Drawn, "map" | "kind">[]): readonly number[] {
  const own = shown.map(({ map }) => colourLimit(map.data));
  return shown.map((one) => Math.max(...own.filter((_, index) => shown[index]!.kind === one.kind)));
}
