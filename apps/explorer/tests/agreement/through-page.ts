import { isVoxplainError, memoryFiles } from "@voxplain/core";
import { nodeRuntime } from "@voxplain/runtime-node";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { ExplorerEngine } from "../../src/engine/engine.ts";
import { type JobCommand, jobCommand } from "../../src/page/job-command.ts";
import type { Pair } from "./pairs.ts";
import type { Outcome } from "./through-command.ts";

/** What the page gives, and the command that it says repeats it. */
export type PageOutcome = Outcome & { readonly command?: JobCommand | string };

/** Opens the files in the page's engine, and explains the image. */
export async function throughPage(pair: Pair, files: ReadonlyMap<string, Uint8Array>): Promise<PageOutcome> {
  const engine = createEngine(() => nodeRuntime({ executionProvider: "cpu", threads: 1 }));
  const dropped = memoryFiles(new Map(files), "dropped");
  try {
    return await explained(engine, pair, dropped);
  } catch (error) {
    if (isVoxplainError(error)) return { sentence: error.message.replaceAll("dropped/", "") };
    throw error;
  } finally {
    await engine.release();
  }
}

async function explained(
  engine: ExplorerEngine,
  {
    image: [name],
    preprocess,
    target,
    template,
    mask,
    voxel,
    value,
    method = "gradients",
    options = {},
  }: Pair,
  dropped: ReturnType<typeof memoryFiles>,
): Promise<PageOutcome> {
  const own = new Set(["model.onnx", name]);
  const { problems } = await engine.open({
    ...dropped,
    list: async (path) => (await dropped.list(path))?.filter((entry) => own.has(entry.name)),
  });
  const image = engine.images.find((one) => one.name === name);
  if (engine.model === undefined || image === undefined) {
    return { sentence: problems.join("\n").replaceAll("dropped/", "") };
  }
  if (template !== undefined) await engine.setTemplate(dropped, "template.nii");
  const ofMask = mask && { mask: { files: dropped, path: "mask.nii" } };
  const region = value ? { value } : voxel ? { voxel } : ofMask;
  const wanted = target ?? (await engine.predict(image, { preprocess, region })).predictedClass;
  const request = { preprocess, method, options, target: wanted, region };
  const explanation = await engine.explain(image, request);
  const { prediction, map, stored, isPlaced } = explanation;
  return {
    command: jobCommand(explanation, { model: engine.model, kernels: true, name: "out" }),
    ...{ predictedClass: prediction.predictedClass, probabilities: prediction.probabilities },
    map: { dims: stored.dims, data: stored.data },
    volume: map.data,
    affine: isPlaced ? map.affine : undefined,
  };
}
