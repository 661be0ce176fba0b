// Forward pass and input gradient in memory: ours and PyTorch's in turn, in one run.
import { spawn } from "node:child_process";
import { tensor } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { loadNetwork, openModelFolder } from "@voxplain/model-loader";
import { nodeRuntime } from "@voxplain/runtime-node";
import { differentiableModel } from "@voxplain/saliency";
import { cohort, modelFor } from "./cohort.mjs";
import { compare, interleaved, timed } from "./measurement.mjs";
import { ask, fastestSettings } from "./pytorch.mjs";
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
  const torch = (env) => ask("pytorch_gradient.py", [architecture, ...dims.map(String)], env);
  let best = Number.POSITIVE_INFINITY;
  const { fastest, tried } = await fastestSettings(async (env) => {
    const { answer, end } = torch(env);
    let least = await answer();
    // What takes twice as long at first is not tried again.
    for (let again = 0; again < 2 && least < 2 * best; again++) least = Math.min(least, await answer());
    end();
    best = Math.min(best, least);
    return least;
  }, threads);
  const theirs = Object.entries(fastest).map(([name, { env }]) => [name, torch(env)]);
  const { network, input } = await networkAndInput(architecture, dims);
  const model = (kernels) =>
    differentiableModel(network, nodeRuntime({ executionProvider: "cpu", threads, kernels }));
  const [ours, plain] = [model(true), model(false)];
  const times = await interleaved(
    {
      Voxplain: () => timed(() => borrowed(ours, input)),
      "Voxplain --no_kernel": () => timed(() => borrowed(plain, input)),
      ...Object.fromEntries(theirs.map(([name, { answer }]) => [name, answer])),
    },
    { rounds: sizes.rounds, warmUp: 2 },
  );
  for (const [, { end }] of theirs) end();
  await ours.release();
  await plain.release();
  return [{ what, unit: "ms", threads, ...compare(times, fastest), tried }];
}

/** The gradient as methods ask for it: in memory that is used again, as that of PyTorch's allocator is. */
async function borrowed(model, input) {
  const { giveBack } = await model.gradient(input, 1, { borrow: true });
  giveBack?.();
}

/** The network of an architecture, and a batch of noise. */
export async function networkAndInput(architecture, dims) {
  const folder = await openModelFolder(directory(modelFor(cohort(sizes.sessions), architecture)));
  const network = await loadNetwork(folder, 0, "best_balanced_accuracy", { inputDims: dims.slice(1) });
  const count = dims.reduce((product, length) => product * length, 1);
  const noise = Float32Array.from({ length: count }, (_, k) => ((k * 2654435761) % 2 ** 32) / 2 ** 32);
  return { network, input: tensor("float32", dims, noise) };
}
