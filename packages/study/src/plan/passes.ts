import type { ChosenMethod, Passes } from "@voxplain/saliency";
import { passesOfChecks } from "../checks/choose-checks.ts";
import type { Model, NetworkChoice } from "../model/model.ts";
import { loadIfFits, outputOf } from "./check-network.ts";
import type { PlannedGroup } from "./image-group.ts";
import type { SettledRequest } from "./request.ts";

/** How often one part goes through the network for its map; once for its prediction. */
export function passesOf(
  method: ChosenMethod | undefined,
  inputDims: readonly number[] | undefined,
): Passes | undefined {
  if (method === undefined) return { least: 1, most: 1 };
  return inputDims && method.passes(inputDims);
}

/** The group, whose passes include those of the checks of its maps. */
export async function withChecks(
  group: PlannedGroup,
  model: Model,
  network: NetworkChoice,
  request: SettledRequest,
): Promise<PlannedGroup> {
  const { method, passes, inputDims } = group;
  const { checks, keepTrue } = request;
  if (checks === undefined || method === undefined || passes === undefined || inputDims === undefined) {
    return group;
  }
  const opened = await loadIfFits(model, network, { inputDims, part: 0, ...outputOf(request) });
  if (opened === undefined) return { ...group, passes: undefined };
  const { least, most } = passesOfChecks(checks, opened, passes);
  // Maps of whole images that are not kept are not checked.
  const mayBeLeftOut = keepTrue !== undefined && model.parts.mode === "image";
  return {
    ...group,
    passes: { least: passes.least + (mayBeLeftOut ? 0 : least), most: passes.most + most },
  };
}
