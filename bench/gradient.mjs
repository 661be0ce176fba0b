// Forward pass and input gradient of Conv5_FC3 at 169×208×179: ours and PyTorch's in turn, in one run.
import { tensor } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { loadNetwork, openModelFolder } from "@voxplain/model-loader";
import { nodeRuntime } from "@voxplain/runtime-node";
import { differentiableModel } from "@voxplain/saliency";
import { cohort } from "./cohort.mjs";
import { ask } from "./python.mjs";
import { median } from "./statistics.mjs";

const dims = [1, 169, 208, 179];

/** Milliseconds of each round, after two that are not counted. */
export async function gradient({ rounds = 7, threads = 2 } = {}) {
  const folder = await openModelFolder(directory(`${cohort(8)}/model`));
  const network = await loadNetwork(folder, 0, "best_balanced_accuracy", { inputDims: dims });
  const model = differentiableModel(network, nodeRuntime({ executionProvider: "cpu", threads }));
  const count = dims.reduce((product, length) => product * length, 1);
  const input = tensor(
    "float32",
    [1, ...dims],
    Float32Array.from({ length: count }, (_, k) => ((k * 2654435761) % 2 ** 32) / 2 ** 32),
  );
  const { torch, version, layout } = await strongest(threads);
  const ours = [];
  const theirs = [];
  for (let round = -2; round < rounds; round++) {
    const start = performance.now();
    await model.gradient(input, 1);
    const took = performance.now() - start;
    const other = await torch.answer();
    if (round >= 0) {
      ours.push(took);
      theirs.push(other);
    }
  }
  torch.end();
  await model.release();
  const ratios = theirs.map((time, k) => time / ours[k]);
  return {
    torch: version,
    layout,
    ours,
    theirs,
    medians: [median(ours), median(theirs)],
    ratio: median(ratios),
  };
}

/** PyTorch in the memory layout in which it is faster here, warm. */
async function strongest(threads) {
  const tried = [];
  for (const layout of ["contiguous_format", "channels_last_3d"]) {
    const torch = ask("pytorch_gradient.py", [String(threads), layout]);
    const version = await torch.next();
    const times = [];
    for (let round = 0; round < 3; round++) times.push(await torch.answer());
    tried.push({ torch, version, layout, time: Math.min(...times) });
  }
  const [best, other] = tried.sort((a, b) => a.time - b.time);
  other.torch.end();
  return best;
}
