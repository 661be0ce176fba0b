import { predictEach } from "@voxplain/saliency";
import type { Plan, Task } from "../plan/request.ts";
import type { PredictedImage } from "./explained-image.ts";
import type { PredictedPart } from "./explained-part.ts";
import { type RunOptions, runTask } from "./run-task.ts";
import { ofOneImage, type Work } from "./work.ts";

/**
 * Predicts the images of a plan one after the other, by forward passes alone.
 * @throws VoxplainError as `explainCohort`.
 */
export async function* predictCohort(plan: Plan, options: RunOptions): AsyncGenerator<PredictedImage> {
  for (const task of options.task === undefined ? plan.tasks : [options.task]) {
    const finished = runTask(plan, withoutMethod(task), options, (onPass) =>
      predicting(plan, options, onPass),
    );
    for await (const { image } of finished) yield { ...image, task };
  }
}

const onePass = { least: 1, most: 1 };

/** The networks of a plan for maps predict, too. */
function withoutMethod(task: Task): Task {
  const none = { method: undefined, passes: onePass };
  return { ...task, ...none, groups: task.groups.map((group) => ({ ...group, ...none })) };
}

function predicting(
  { request: { batchSize = 2 } }: Plan,
  { signal }: RunOptions,
  onPass: (inputs: number) => void,
): Work<PredictedPart> {
  return {
    async *compute({ model }, items, onFailure) {
      const predicted = predictEach(model, items, {
        ...{ batchSize, together: ofOneImage, onPass, onFailure, signal },
      });
      for await (const { item, ...found } of predicted) yield { item, part: { part: item.part, ...found } };
    },
    finish: async (part) => part,
  };
}
