import { VoxplainError } from "@voxplain/core";
import { nodeOfLabel } from "../model/labels.ts";
import type { Model } from "../model/model.ts";
import type { Request, SettledRequest } from "./request.ts";

/**
 * The request, with the output node of what is explained: of a label its class, of a regression the only output.
 * @throws VoxplainError `invalid-argument` listing the labels that the model knows; for a class of a regression.
 */
export function settleTarget(model: Model, { target, ...request }: Request): SettledRequest {
  if (model.task === "regression") return { ...request, target: numberTarget(model, target) };
  if (target === undefined) return request;
  return {
    ...request,
    target: typeof target === "object" && "label" in target ? nodeOfLabel(model, target.label) : target,
  };
}

function numberTarget({ name }: Model, target: Request["target"]): 0 {
  if (target === undefined || target === "predicted" || target === 0) return 0;
  const what =
    typeof target === "number"
      ? `no output ${target} (--target_node)`
      : "label" in target
        ? `no class of the label ${target.label} (--target_diagnosis, --target_label)`
        : "no grid of values";
  throw new VoxplainError("invalid-argument", `its network predicts a number: there is ${what}`, {
    file: name,
    expected: "the output 0, which is explained without a target",
  });
}

/**
 * Looks for what a network that predicts a number cannot do.
 * @throws VoxplainError `invalid-argument`.
 */
export function checkNumberRequest({ task, name }: Model, { keepTrue, options }: Request): void {
  if (task !== "regression") return;
  if (options?.score === "probability") {
    throw new VoxplainError(
      "invalid-argument",
      "its network predicts a number, which has no probability (--method_options score=probability)",
      { file: name },
    );
  }
  if (keepTrue === undefined) return;
  throw new VoxplainError(
    "invalid-argument",
    "its network predicts a number, which is not right or wrong: images cannot be chosen by that (--keep_true)",
    { file: name },
  );
}
