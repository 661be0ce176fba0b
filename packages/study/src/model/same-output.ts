import type { OutputRegion } from "@voxplain/model-loader";
import type { NetworkRequest } from "./model.ts";

type Output = Pick<NetworkRequest, "inputDims" | "index" | "region">;

/** Whether the same logits are asked for of inputs of the same size. Regions are compared by their positions. */
export function sameOutput(a: Output, b: Output): boolean {
  const keyOf = ({ inputDims, index }: Output) => JSON.stringify([inputDims, index]);
  return keyOf(a) === keyOf(b) && sameRegion(a.region ?? "grid", b.region ?? "grid");
}

function sameRegion(a: OutputRegion, b: OutputRegion): boolean {
  if (a === b) return true;
  if (a === "grid" || b === "grid") return false;
  if ("voxel" in a || "voxel" in b) return "voxel" in a && "voxel" in b && a.voxel.join() === b.voxel.join();
  const [one, other] = [a.mask, b.mask];
  return (
    one.name === other.name &&
    one.dims.join() === other.dims.join() &&
    one.inside.every((value, k) => value === other.inside[k])
  );
}
