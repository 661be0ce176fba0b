// Forward pass and input gradient in memory: ours and PyTorch's in turn, in one run.
import { spawn } from "node:child_process";
import { tensor } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { loadNetwork, openModelFolder } from "@voxplain/model-loader";
import { nodeRuntime } from "@voxplain/runtime-node";
import { differentiableModel } from "@voxplain/saliency";
import { cohort, modelFor } from "./cohort.mjs";
import { interleaved, ratioOf, timed } from "./measurement.mjs";
import { ask, fastestSetting, pythonEnvironment } from "./pytorch.mjs";
import { sizes } from "./sizes.mjs";

const { architecture, lengths } = sizes.volume;
const volume = `gradient of ${architecture}, ${lengths.join("×")}`;

/** One volume, on two threads. */
export const gradient = () => ofVolume(volume, sizes.threads);

/** One volume, on one thread in each program. */
export const oneCore = () => ofVolume(`${volume}, one thread`, 1);

/** One volume on two threads, while another process keeps a processor busy. */
export async function busyNeighbour() {
  const neighbour = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
  try {
    return await ofVolume(`${volume}, one busy process beside`, sizes.threads);
  } finally {
    neighbour.kill();
  }
}

/** A batch of slices. */
export function slices() {
  const what = `gradient of resnet18, ${sizes.slices} slices of 224×224`;
  return compared(what, sizes.threads, { architecture: "resnet18", dims: [sizes.slices, 3, 224, 224] });
}

function ofVolume(what, threads) {
  return compared(what, threads, { architecture, dims: [1, 1, ...lengths] });
}

async function compared(what, threads, { architecture, dims }) {
  const torch = (setting) =>
    ask("pytorch_gradient.py", [architecture, ...dims.map(String)], pythonEnvironment(setting, threads));
  const best = await fastestSetting(async (env) => {
    const { answer, end } = torch(env);
    const times = [];
    for (let round = 0; round < 3; round++) times.push(await answer());
    end();
    return Math.min(...times);
  });
  const theirs = torch(best.env);
  const { network, input } = await networkAndInput(architecture, dims);
  const ours = differentiableModel(network, nodeRuntime({ executionProvider: "cpu", threads }));
  const programs = await interleaved(
    { Voxplain: () => timed(() => ours.gradient(input, 1)), PyTorch: theirs.answer },
    { rounds: sizes.rounds, warmUp: 2 },
  );
  theirs.end();
  await ours.release();
  const { name: setting, tried } = best;
  const ratio = ratioOf(programs.Voxplain, programs.PyTorch);
  return [{ what, unit: "ms", threads, programs, ratio, setting, tried }];
}

/** The network of an architecture, and a batch of noise. */
export async function networkAndInput(architecture, dims) {
  const folder = await openModelFolder(directory(modelFor(cohort(sizes.sessions), architecture)));
  const network = await loadNetwork(folder, 0, "best_balanced_accuracy", { inputDims: dims.slice(1) });
  const count = dims.reduce((product, length) => product * length, 1);
  const noise = Float32Array.from({ length: count }, (_, k) => ((k * 2654435761) % 2 ** 32) / 2 ** 32);
  return { network, input: tensor("float32", dims, noise) };
}
