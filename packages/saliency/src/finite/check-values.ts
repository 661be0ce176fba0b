import { elementAt, type Tensor, VoxplainError } from "@voxplain/core";
import { describeNotFinite, notFiniteIn } from "./not-finite.ts";

/** @throws VoxplainError `not-finite` for an input with NaN or infinite values. */
export function checkFiniteInput({ data }: Tensor<"float32">): void {
  const found = notFiniteIn(data);
  if (found === undefined) return;
  throw new VoxplainError(
    "not-finite",
    `what the network is given holds ${describeNotFinite(found)} among ${data.length}`,
  );
}

/** The first row of logits [N, classes] that is not finite; undefined where all are. */
export function notFiniteRow({ data, dims }: Tensor<"float32">): number | undefined {
  const classes = elementAt(dims, 1);
  for (let k = 0; k < data.length; k++) if (!Number.isFinite(data[k])) return Math.floor(k / classes);
  return undefined;
}
