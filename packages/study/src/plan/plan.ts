import { checkCompanion } from "@voxplain/caps-io";
import { type ChosenMethod, createMethod } from "@voxplain/saliency";
import type { Cohort } from "../cohort/cohort.ts";
import { nodeOfLabel } from "../model/labels.ts";
import type { Model, NetworkChoice } from "../model/model.ts";
import { type ProblemList, problemList } from "../problems.ts";
import { checkNetwork } from "./check-network.ts";
import { checkPartNetworks } from "./check-part-networks.ts";
import { checkRegions } from "./check-regions.ts";
import { checkRequest } from "./check-request.ts";
import { findImages } from "./cohort-images.ts";
import { findNetworks } from "./find-networks.ts";
import type { ImageGroup, PlannedGroup } from "./image-group.ts";
import { imageKinds, inListOrder, meanPasses } from "./image-groups.ts";
import { methodSources, type SourcesContext } from "./method-sources.ts";
import { passesOf, withChecks } from "./passes.ts";
import type { Plan, Request, Task, Voting } from "./request.ts";
import { checkNumberRequest, settleTarget } from "./settle-target.ts";
import { judgedDiagnoses } from "./true-labels.ts";

/**
 * Settles what will be done, from the headers of the files: which networks explain which images by which method. No image
 * is decoded, and nothing is computed.
 * @throws VoxplainError for whatever can be refused by then: one problem, or all of them in its `problems`.
 */
export async function plan(model: Model, cohort: Cohort, wanted: Request): Promise<Plan> {
  const problems = problemList();
  if (model.refusal !== undefined) problems.add(model.refusal);
  const { target: _, ...without } = wanted;
  const request = (await problems.attempt(() => settleTarget(model, wanted))) ?? without;
  const networks = model.refusal === undefined ? await findNetworks(model, request, problems) : [];
  const votings = new Map<NetworkChoice, Voting>();
  for (const network of networks) {
    await problems.attempt(() => checkPartNetworks(model, network));
    const voting = await problems.attempt(() => votingOf(model, network, request, cohort.group));
    if (voting !== undefined) votings.set(network, voting);
  }
  await problems.attempt(() => checkRequest(wanted));
  await problems.attempt(() => checkNumberRequest(model, wanted));
  for (const diagnosis of judgedDiagnoses(model, cohort, request)) {
    await problems.attempt(() => nodeOfLabel(model, diagnosis));
  }
  const tasks: Task[] = [];
  // The networks of a fold share its list and its images.
  for (const fold of new Set((networks.length > 0 ? networks : model.networks).map((one) => one.fold))) {
    const network = networks.find((one) => one.fold === fold);
    const images = await problems.attempt(() =>
      findImages(model, cohort, { fold, network }, request, problems),
    );
    if (images === undefined) continue;
    const { region, template } = request;
    const context = { model, cohort, fold, request };
    const warnings = new Set(images.warnings);
    const kinds: PlannedGroup[] = [];
    for (const group of imageKinds(model, images, template)) {
      await problems.attempt(() => checkRegion(region, group, (warning) => warnings.add(warning)));
      const method = await methodFor(
        { ...context, group, warn: (warning) => warnings.add(warning) },
        problems,
      );
      const passes = await problems.attempt(() => passesOf(method, group.inputDims));
      kinds.push({ ...group, method, passes });
    }
    for (const network of networks.filter((one) => one.fold === fold)) {
      const checked: PlannedGroup[] = [];
      for (const group of kinds) {
        const { inputDims, method } = group;
        await problems.attempt(() => checkRegions(model, network, group.images));
        const notes = await problems.attempt(() =>
          checkNetwork(model, network, inputDims, { method, request }),
        );
        for (const note of notes ?? []) warnings.add(note);
        const withPasses = await problems.attempt(() => withChecks(group, model, network, request));
        if (withPasses !== undefined) checked.push(withPasses);
      }
      tasks.push({
        ...images,
        ...{
          network,
          groups: inListOrder(checked, images.images),
          method: checked[0]?.method,
          passes: meanPasses(checked),
        },
        voting: votings.get(network),
        warnings: [...noteOf(model), ...warnings],
      });
    }
  }
  problems.throwAny();
  return { model, cohort, request, tasks };
}

async function votingOf(
  model: Model,
  network: NetworkChoice,
  { voting }: Request,
  group: string | undefined,
): Promise<Voting | undefined> {
  if (model.parts.mode === "image") return undefined;
  if (model.task === "regression") return "mean";
  return voting === "uniform" ? "uniform" : model.votingWeights(network, group);
}

/** How the preprocessing of images was chosen. */
function noteOf({ input: { preparation } }: Model): readonly string[] {
  return preparation.kind === "steps" && preparation.note !== undefined ? [preparation.note] : [];
}

/** A mask has to be at the position of the maps. */
function checkRegion(
  region: Request["region"],
  { placed }: ImageGroup,
  warn: (warning: string) => void,
): void {
  if (region === undefined || region === "grid" || "voxel" in region) return;
  for (const warning of checkCompanion({ ...region.mask.grid, needs: "position" }, placed)) warn(warning);
}

/** The method, with the images that it compares with. */
async function methodFor(context: SourcesContext, problems: ProblemList): Promise<ChosenMethod | undefined> {
  const { result, method = "gradients", options } = context.request;
  if (result === "predictions") return undefined;
  if (typeof method !== "string") return method;
  return problems.attempt(() => createMethod(method, options, methodSources(context)));
}
