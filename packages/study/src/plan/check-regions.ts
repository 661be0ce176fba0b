import type { LocatedImage } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import type { Model, NetworkChoice } from "../model/model.ts";

/**
 * A network that sees every region takes all of them in one shape: that of its training where the model states it, else that
 * of the first region. Masks are the same for all images of a model.
 * @throws VoxplainError `mismatch` naming a region of another shape, and both shapes.
 */
export function checkRegions(model: Model, choice: NetworkChoice, [first]: readonly LocatedImage[]): void {
  const { dims, preparation } = model.input;
  const regions = first?.regions ?? [];
  if (regions.length === 0 || model.networkCount(choice) !== undefined) return;
  const isExact = preparation.kind === "caps" && preparation.images.generation === "1.x";
  const expected = (isExact ? dims : undefined) ?? regions[0]?.dims ?? [];
  const other = regions.find((region) =>
    region.dims.some((length, axis) => length !== (expected[axis] ?? length)),
  );
  if (other === undefined) return;
  throw new VoxplainError("mismatch", `the region ${other.name} has another shape than the network takes`, {
    file: model.name,
    expected: `[${expected.join(", ")}]`,
    found: `[${other.dims.join(", ")}]`,
    hint: "check that the masks are those of the training; regions of different shapes need a network each, or to be uncropped",
  });
}
