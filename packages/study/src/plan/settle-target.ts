import { nodeOfLabel } from "../model/labels.ts";
import type { Model } from "../model/model.ts";
import type { Request, SettledRequest } from "./request.ts";

/**
 * The request, with the output node of the label that is explained.
 * @throws VoxplainError `invalid-argument` listing the labels that the model knows.
 */
export function settleTarget(model: Model, { target, ...request }: Request): SettledRequest {
  if (target === undefined) return request;
  return {
    ...request,
    target: typeof target === "object" && "label" in target ? nodeOfLabel(model, target.label) : target,
  };
}
