import { VoxplainError } from "@voxplain/core";
import type { Model, NetworkChoice } from "../model/model.ts";

/**
 * Networks that see one part each must all be present, where the model states the number of parts.
 * @throws VoxplainError `mismatch` naming how many are.
 */
export function checkPartNetworks({ name, partCount, networkCount }: Model, choice: NetworkChoice): void {
  const count = networkCount(choice);
  if (count === undefined || partCount === undefined || count === partCount) return;
  throw new VoxplainError(
    "mismatch",
    `networks selected by ${choice.selection} are there for ${count} of ${partCount} parts, each of which needs its own`,
    { file: `${name}/${choice.foldName}`, hint: "voxplain inspect names what is missing" },
  );
}
