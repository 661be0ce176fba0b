// One full-size gradient of Conv5_FC3 with and without kernels, in turn in one process.
// usage: node bench/kernels.mjs MODEL_FOLDER [rounds] [threads]
import { loadavg } from "node:os";
import { tensor } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { loadNetwork, openModelFolder } from "@voxplain/model-loader";
import { nodeRuntime } from "@voxplain/runtime-node";
import { differentiableModel } from "@voxplain/saliency";
import { median } from "./statistics.mjs";

const dims = [1, 169, 208, 179];
const [folder, rounds = "8", threads = "2"] = process.argv.slice(2);
const which = process.env.KERNELS ?? "both";
const network = await loadNetwork(await openModelFolder(directory(folder)), 0, "best_balanced_accuracy", {
  inputDims: dims,
});
const count = dims.reduce((a, b) => a * b);
const input = tensor(
  "float32",
  [1, ...dims],
  Float32Array.from({ length: count }, (_, k) => ((k * 2654435761) % 2 ** 32) / 2 ** 32),
);
const variants = {
  kernels: true,
  plain: false,
};
const models = Object.entries(variants).flatMap(([name, kernels]) =>
  (name === "kernels" && which === "0") || (name === "plain" && which === "1")
    ? []
    : [
        {
          name,
          model: differentiableModel(
            network,
            nodeRuntime({ executionProvider: "cpu", threads: Number(threads), kernels }),
          ),
          times: [],
          cpu: [],
        },
      ],
);
for (let round = -2; round < Number(rounds); round++) {
  for (const one of models) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    one.last = await one.model.gradient(input, 1);
    const took = performance.now() - start;
    const { user, system } = process.cpuUsage(used);
    if (round === -2) console.log(one.name, "first", Math.round(took), "ms");
    if (round >= 0) {
      one.times.push(took);
      one.cpu.push((user + system) / 1000);
    }
  }
}
console.log(
  "load",
  loadavg()
    .map((v) => v.toFixed(1))
    .join(" "),
  process.version,
);
for (const { name, times, cpu } of models) {
  const list = (values) => values.map(Math.round).join(" ");
  console.log(
    name,
    "wall",
    Math.round(median(times)),
    "cpu",
    Math.round(median(cpu)),
    "| wall",
    list(times),
    "| cpu",
    list(cpu),
  );
}
const [a, b] = models.map(({ last }) => last.gradient.data);
if (b) {
  const norm = b.reduce((s, v) => s + v * v, 0);
  const far = b.reduce((s, v, k) => s + (Math.abs(v - a[k]) > 1e-4 * Math.sqrt(norm / count) ? 1 : 0), 0);
  const error = b.reduce((s, v, k) => s + (v - a[k]) ** 2, 0);
  console.log("relative L2", Math.sqrt(error / norm).toExponential(2), "voxels further than 1e-4 rms", far);
  console.log("ratio, wall", median(models[1].times.map((t, k) => t / models[0].times[k])).toFixed(2));
  console.log("ratio, cpu", median(models[1].cpu.map((t, k) => t / models[0].cpu[k])).toFixed(2));
}
console.log("peak MiB", Math.round(process.resourceUsage().maxRSS / 1024));
for (const { model } of models) await model.release();
