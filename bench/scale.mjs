// What a session costs by each method, for the page on large cohorts: a command from start to end with few sessions and
// with more, whose difference is the cost of the sessions between them.
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { cohort, modelFor } from "./cohort.mjs";
import { sizes } from "./sizes.mjs";
import { interpretGroup, labelsOf, measure, occlusionOptions, output, voxplain } from "./whole-process.mjs";

const onePass = ["gradients", "guided-backpropagation", "deconvolution", "lrp", "deep-lift", "grad-cam"];

/** Methods on whole images, predictions, and maps of single sessions. */
export async function scale() {
  const folder = cohort(sizes.sessions);
  const rows = [];
  for (const method of onePass) {
    // The larger run of gradients is compared with one of many sessions.
    const counts = method === "gradients" ? [1, sizes.sessions] : sizes.few;
    rows.push(await costOf(method, `${folder}/model`, { options: ["--method", method], counts }));
  }
  const { steps, samples, windowsPerAxis } = sizes;
  const model = `${folder}/model`;
  const integrated = (count) => ["--method", "integrated-gradients", "--method_options", `steps=${count}`];
  const smooth = (count) => ["--method", "smoothgrad", "--method_options", `samples=${count}`];
  const windows = windowsPerAxis ** 3;
  rows.push(
    await passCost(`integrated-gradients, ${steps} steps`, model, integrated, sizes.fewPasses, steps),
    await passCost(`smoothgrad, ${samples} samples`, model, smooth, sizes.fewPasses, samples),
    await passCost(`occlusion, ${windows} windows`, model, occlusionOptions, sizes.fewWindows, windows),
    await costOf("gradients, a map of each session", `${folder}/model`, { level: "individual" }),
    await costOf("predict", `${folder}/model`, { run: predict }),
  );
  return rows;
}

/** Gradients of patches and slices. */
export async function scaleParts() {
  const folder = cohort(sizes.sessions);
  return [
    await costOf("gradients, 36 patches of 50×50×50 (Conv4_FC3)", modelFor(folder, "Conv4_FC3")),
    await costOf("gradients, 129 slices (resnet18)", modelFor(folder, "resnet18"), {
      options: ["--voting", "uniform"],
      counts: [1, 2],
    }),
  ];
}

/**
 * Seconds of start and of each session, the share of them in which processors computed, peak memory, and what is written.
 * `counts` are the numbers of sessions.
 */
async function costOf(what, model, { options = [], level, run = interpretGroup, counts = sizes.few } = {}) {
  const runs = [];
  for (const count of counts) {
    const labels = labelsOf(model, count);
    const { seconds, megabytes, processorSeconds } = await run(
      model,
      [...options, "--tsv_path", labels],
      level,
    );
    runs.push({ count, seconds, megabytes, processorSeconds, bytes: sizeOf(output) });
    rmSync(output, { recursive: true, force: true });
  }
  const each = slope(runs, "count");
  const cost = {
    startSeconds: runs[0].seconds - each("seconds") * runs[0].count,
    sessionSeconds: each("seconds"),
    processorSeconds: each("processorSeconds"),
    sessionMegabytes: each("bytes") / 1e6,
    resultMegabytes: (runs[0].bytes - each("bytes") * runs[0].count) / 1e6,
    peakMegabytes: Math.max(...runs.map(({ megabytes }) => megabytes)),
  };
  const programs = Object.fromEntries(runs.map(({ count, seconds }) => [`sessions: ${count}`, [seconds]]));
  return { what, unit: "s", threads: sizes.threads, programs, cost };
}

/** A method of many passes: what a session costs with so many of them, from one session with fewer. */
async function passCost(what, model, options, counts, passes) {
  const runs = [];
  for (const count of counts) {
    const run = await interpretGroup(model, [...options(count), "--tsv_path", labelsOf(model, 1)]);
    runs.push({ count, ...run });
    rmSync(output, { recursive: true, force: true });
  }
  const each = slope(runs, "count");
  const programs = Object.fromEntries(runs.map(({ count, seconds }) => [`passes: ${count}`, [seconds]]));
  const cost = {
    startSeconds: runs[0].seconds - each("seconds") * runs[0].count,
    sessionSeconds: each("seconds") * passes,
    processorSeconds: each("processorSeconds") * passes,
    peakMegabytes: Math.max(...runs.map(({ megabytes }) => megabytes)),
  };
  return { what, unit: "s", threads: sizes.threads, programs, cost };
}

const slope = (runs, by) => (key) => (runs.at(-1)[key] - runs[0][key]) / (runs.at(-1)[by] - runs[0][by]);

function predict(model, options) {
  return measure(
    ...voxplain(["predict", model, "--output_dir", output, "--overwrite", "-d", "AD", ...options]),
  );
}

function sizeOf(path) {
  const names = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return names.reduce(
    (sum, { parentPath, path: older, name }) => sum + statSync(join(parentPath ?? older, name)).size,
    0,
  );
}
