import { type Tensor, tensor } from "@voxplain/core";
import { type CheckResult, type ChosenMethod, explain } from "@voxplain/saliency";
import { chooseChecks } from "../checks/choose-checks.ts";
import type { Plan, Task } from "../plan/request.ts";
import { composeImage } from "./compose-image.ts";
import type { ExplainedImage } from "./explained-image.ts";
import type { ExplainedPart } from "./explained-part.ts";
import type { NetworkSlot, OpenNetwork } from "./network-slot.ts";
import { keeps, type RunOptions, runTask } from "./run-task.ts";
import { ofOneImage, type PartItem, type Work } from "./work.ts";

/**
 * Explains the images of a plan one after the other, in the order of their lists, as the caller asks for them. What is in
 * memory at a time: the image that was given last, two batches, and the images that are read ahead.
 * @throws VoxplainError of the first session that cannot be used, after those before it, unless the plan skips such
 * sessions; where none can be used; `computation-failed` and `device-unavailable` of the runtime. The signal's reason
 * after an abort.
 */
export async function* explainCohort(plan: Plan, options: RunOptions): AsyncGenerator<ExplainedImage> {
  for (const task of options.task === undefined ? plan.tasks : [options.task]) {
    const finished = runTask(plan, task, options, (onPass, slot, { method }) => {
      if (method === undefined) throw new RangeError("the plan is for predictions: it has no method");
      return explaining({ plan, task, method, options, onPass, slot });
    });
    for await (const { image, target } of finished) yield composeImage(plan, image, target);
  }
}

interface Context {
  readonly plan: Plan;
  readonly task: Task;
  readonly method: ChosenMethod;
  readonly options: RunOptions;
  readonly onPass: (inputs: number) => void;
  readonly slot: NetworkSlot;
}

function explaining(context: Context): Work<ExplainedPart> {
  const { plan, method, options, onPass } = context;
  const { batchSize = 2 } = plan.request;
  const check = checkWith(context);
  return {
    async *compute({ model }, items, onFailure) {
      const explained = explain(model, items, {
        method: method.compute,
        target: ({ target }: PartItem) => target,
        ...{ batchSize, together: ofOneImage, onPass, onFailure, signal: options.signal },
        // Parts of an image are kept until all are computed.
        borrow: options.borrow === true && plan.model.parts.mode === "image",
      });
      for await (const { item, ...computed } of explained)
        yield { item, part: { part: item.part, ...computed } };
    },
    finish: async (part, item, open) =>
      check === undefined ? part : { ...part, checked: await check(part, item, open) },
  };
}

const nothing: CheckResult = { rows: [], curves: [] };

/** Measures each map, unless it is known by then that it is not kept. */
function checkWith({ plan, task, method, options, onPass, slot }: Context) {
  const { checks } = plan.request;
  if (checks === undefined) return undefined;
  const { runtime } = slot;
  const check = chooseChecks(checks, { method: method.compute, runtime, signal: options.signal, onPass });
  return async (
    { map, prediction, delta }: ExplainedPart,
    { image: { input }, part, target }: PartItem,
    { network, model }: OpenNetwork,
  ): Promise<CheckResult> => {
    const trueLabel = task.trueLabels.get(input.session);
    if (part.name === "image" && !keeps(plan, prediction.predictedClass, trueLabel)) return nothing;
    return check({
      ...{ network, model, target },
      input: asBatch(part.input),
      map: asBatch(map),
      ...(delta !== undefined && { delta }),
    });
  };
}

function asBatch({ dims, data }: Tensor<"float32">): Tensor<"float32"> {
  return tensor("float32", [1, ...dims], data);
}
