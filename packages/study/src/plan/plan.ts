import { VoxplainError } from "@voxplain/core";
import { type ChosenMethod, createMethod, methodEntries } from "@voxplain/saliency";
import { checkNamesOf } from "../checks/choose-checks.ts";
import type { Cohort } from "../cohort/cohort.ts";
import type { Model, NetworkChoice } from "../model/model.ts";
import { type ProblemList, problemList } from "../problems.ts";
import { checkNetwork, inputDimsOf } from "./check-network.ts";
import { type CohortImages, findImages } from "./cohort-images.ts";
import { methodSources } from "./method-sources.ts";
import type { Plan, Request, Task, Voting } from "./request.ts";

/**
 * Settles what will be done, from the headers of the files: which networks explain which images by which method. No image
 * is decoded, and nothing is computed.
 * @throws VoxplainError for whatever can be refused by then: one problem, or all of them in its `problems`.
 */
export async function plan(model: Model, cohort: Cohort, request: Request): Promise<Plan> {
  const problems = problemList();
  if (model.refusal !== undefined) problems.add(model.refusal);
  const networks = (await problems.attempt(() => model.choose(request))) ?? [];
  const votings = new Map<NetworkChoice, Voting>();
  for (const network of networks) {
    const voting = await problems.attempt(() => votingOf(model, network, request));
    if (voting !== undefined) votings.set(network, voting);
  }
  await problems.attempt(() => checkRequest(request));
  const tasks: Task[] = [];
  // The networks of a fold share its list and its images.
  for (const fold of new Set((networks.length > 0 ? networks : model.networks).map((one) => one.fold))) {
    const images = await problems.attempt(() => findImages(model, cohort, fold, request, problems));
    if (images === undefined) continue;
    const { method, warnings } = await methodFor({ model, cohort, fold, request, images }, problems);
    const inputDims = inputDimsOf(model, images);
    const passes = await problems.attempt(() => passesOf(method, inputDims));
    for (const network of networks.filter((one) => one.fold === fold)) {
      const { target = "predicted" } = request;
      await problems.attempt(() => checkNetwork(model, network, inputDims, { method, target }));
      tasks.push({
        ...images,
        ...{ network, method, passes },
        voting: votings.get(network),
        warnings: [...images.warnings, ...warnings],
      });
    }
  }
  problems.throwAny();
  return { model, cohort, request, tasks };
}

function passesOf(method: ChosenMethod | undefined, inputDims: readonly number[] | undefined) {
  if (method === undefined) return { least: 1, most: 1 };
  return inputDims && method.passes(inputDims);
}

async function votingOf(
  model: Model,
  network: NetworkChoice,
  { voting }: Request,
): Promise<Voting | undefined> {
  if (model.parts.mode === "image") return undefined;
  return voting === "uniform" ? "uniform" : model.votingWeights(network);
}

/** What is wrong with the request itself, whatever the images are. */
function checkRequest({
  result,
  method = "gradients",
  options,
  checks,
  throughNormalization,
}: Request): void {
  if (checks !== undefined) checkNamesOf(checks);
  if (result === "predictions") return;
  const { name, isDerivative } = typeof method === "string" ? methodEntries(method, options)[0] : method;
  // Other maps than gradients have no chain rule to be carried through a normalisation with.
  if (!throughNormalization || isDerivative) return;
  throw new VoxplainError(
    "invalid-argument",
    `a map of ${name} is no derivative that could be carried through the normalisation (--through_normalization)`,
  );
}

interface MethodContext {
  readonly model: Model;
  readonly cohort: Cohort;
  readonly fold: number | undefined;
  readonly request: Request;
  readonly images: CohortImages;
}

/** The method, with the images that it compares with. */
async function methodFor({ images: { grids }, ...context }: MethodContext, problems: ProblemList) {
  const { result, method = "gradients", options } = context.request;
  const warnings: string[] = [];
  if (result === "predictions") return { method: undefined, warnings };
  if (typeof method !== "string") return { method, warnings };
  const sources = methodSources({ ...context, grids, warn: (warning) => warnings.push(warning) });
  return { method: await problems.attempt(() => createMethod(method, options, sources)), warnings };
}
