import type { ModelRuntime, Tensor } from "@voxplain/core";
import type { CheckResult, ChosenMethod } from "@voxplain/saliency";
import { chooseChecks } from "../checks/choose-checks.ts";
import type { CheckedOf } from "../checks/write-checks.ts";
import type { ComputeOptions } from "../job/compute-sessions.ts";
import type { ExplainedSession } from "../job/explain-sessions.ts";
import type { Task } from "../job/plan-job.ts";
import type { Plan } from "./plan.ts";

/** What is measured of each map, as far as it is known by then that it will be kept. */
export function sessionCheck(
  { arguments: options, targetClass: target, settings }: Plan,
  { trueClasses }: Task,
  runtime: ModelRuntime,
  method: ChosenMethod,
): ComputeOptions["check"] {
  const { seed, chunk_size: chunkSize, checks, keep_true } = options;
  const check = chooseChecks({ checks, seed, chunkSize, runtime, method: method.compute });
  if (check === undefined) return undefined;
  return async ({ part: { input }, map, prediction, delta }, { network, model }, session) => {
    const isRight = prediction.predictedClass === trueClasses.get(session);
    if (settings.mode === "image" && keep_true !== undefined && keep_true !== isRight) return nothing;
    const batch = (values: Tensor<"float32">) => ({ ...values, dims: [1, ...values.dims] });
    const ofMap = { network, model, input: batch(input), map: batch(map), target };
    return check({ ...ofMap, ...(delta !== undefined && { delta }) });
  };
}

const nothing: CheckResult = { rows: [], curves: [] };

/** The rows of a session, or of each of its parts. */
export function checkedOf(
  { settings: { mode }, severalCohorts }: Plan,
  { input, parts }: ExplainedSession,
): CheckedOf[] {
  const { cohort, participantId, sessionId } = input.session;
  const session = { ...(severalCohorts && { cohort }), participant_id: participantId, session_id: sessionId };
  return parts.flatMap(({ part, checked: result }) =>
    result === undefined
      ? []
      : [{ identity: mode === "image" ? session : { ...session, [`${mode}_id`]: part.id }, result }],
  );
}
