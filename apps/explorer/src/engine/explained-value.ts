import type { TargetRegion } from "./engine.ts";

/** The indices of the one value that is explained, as `--target` takes them ("3,1"); undefined where it is another part of the output. */
export function explainedValue(region: TargetRegion | undefined): string | undefined {
  return region && "value" in region ? region.value.join(",") : undefined;
}
