// The rules of integrated gradients against a dense reference, at equal numbers of passes, on the networks of the sample
// and of the fixtures: node --import ./bench/typescript.mjs bench/path-rules.mjs [--json FILE] [NETWORK …]
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { elementCount, tensor } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { buildNetwork, loadNetwork, openModelFolder } from "@voxplain/model-loader";
import { nodeRuntime } from "@voxplain/runtime-node";
import { differentiableModel, integratedGradients } from "@voxplain/saliency";
import { networkFixture, networkNames } from "../packages/model-loader/tests/network-fixtures.ts";
import { sample, sampleImages } from "../packages/saliency/tests/sample-images.ts";
import { median, rankCorrelation, table } from "./statistics.mjs";

const args = process.argv.slice(2);
const json = args.includes("--json") ? args.splice(args.indexOf("--json"), 2)[1] : undefined;

/** Middles of the reference. */
const dense = 2048;
const budgets = [18, 34, 66];
/** What is left of a budget when the logits at both ends, which delta needs, are not points of the rule. */
const endsBesides = {
  riemann_left: 1,
  riemann_right: 1,
  riemann_middle: 2,
  riemann_trapezoid: 0,
  gausslegendre: 2,
};
const tolerances = [0.1, 0.05, 0.02];
/** For larger inputs the reference is not checked, and only the first tolerance is tried. */
const manyValues = 5e5;
/** Larger inputs would take a day; the sample's networks are as large as they may be. */
const mostValues = 1.4e5;
/** Sessions of the sample that small networks get beside the image of their fixture. */
const extraSessions = 2;

const runtime = nodeRuntime({ executionProvider: "cpu", threads: 1 });

async function* cases() {
  const brains = [];
  for await (const brain of sampleImages(extraSessions)) brains.push(brain);
  const smallFirst = networkNames
    .map(networkFixture)
    .sort((a, b) => elementCount(a.inputDims) - elementCount(b.inputDims));
  for (const { name, settings, stateDict, inputDims, input, target } of smallFirst) {
    if (elementCount(inputDims) > mostValues) continue;
    if (args.length > 0 && !args.includes(name)) continue;
    const model = differentiableModel(buildNetwork(settings, stateDict, inputDims), runtime);
    yield { name, model, input: input(), target };
    for (const { name: of, input: brain } of brains) {
      yield { name: `${name} ${of}`, model, input: sampledTo(inputDims, brain), target };
    }
    await model.release();
  }
  for (const [name, fold] of [
    ["random_small", 0],
    ["conv5_fc3_down", 0],
    ["random_small", 1],
  ]) {
    if (args.length > 0 && !args.includes(`sample/${name}`)) continue;
    const folder = await openModelFolder(directory(`${sample}/models/${name}`));
    const inputDims = [1, 85, 104, 90];
    const network = await loadNetwork(folder, fold, "best_balanced_accuracy", { inputDims });
    const model = differentiableModel(network, runtime);
    for await (const { name: of, input } of sampleImages(1)) {
      const batch = tensor("float32", [1, ...input.dims], input.data);
      yield { name: `sample/${name} fold ${fold} ${of}`, model, input: batch, target: 1 };
    }
    await model.release();
  }
}

/** An image on a coarser grid, by the nearest voxels; for a network of slices the axial ones in the middle, as channels. */
function sampledTo([channels, ...lengths], { dims: [, ...from], data }) {
  const at = (axis, index) => Math.floor(((index + 0.5) * from[axis]) / lengths[axis]);
  const values = new Float32Array(channels * elementCount(lengths));
  let next = 0;
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < lengths[0]; i++) {
      for (let j = 0; j < lengths[1]; j++) {
        const column = (at(0, i) * from[1] + at(1, j)) * from[2];
        if (lengths.length === 2) values[next++] = data[column + Math.floor(from[2] / 2) + c];
        else for (let k = 0; k < lengths[2]; k++) values[next++] = data[column + at(2, k)];
      }
    }
  }
  return tensor("float32", [1, channels, ...lengths], values);
}

/** Segments of the path: 1/64 to 1 with most points, and halves of what is left, down to 2⁻²⁰. */
function graded(rule, steps) {
  const halves = Array.from({ length: 15 }, (_, k) => ({ from: 2 ** (k - 20) }));
  const below = [{ from: 0 }, ...halves.slice(0, -1)].map((segment) => ({
    ...segment,
    ...{ rule: "gausslegendre", steps: steps / 32 },
  }));
  return [...below, { ...halves.at(-1), rule, steps }];
}

/** Integrated gradients from the baseline 0, as the sum of those of segments of the path. */
async function alongSegments(segments, model, { dims, data }, target, chunkSize) {
  const map = new Float64Array(data.length);
  for (const [k, { from, rule, steps }] of segments.entries()) {
    const to = segments[k + 1]?.from ?? 1;
    const at = (position) =>
      tensor(
        "float32",
        dims,
        data.map((value) => position * value),
      );
    const segment = await integratedGradients({ rule, steps, chunkSize, baseline: at(from) })(
      model,
      at(to),
      target,
    );
    for (let j = 0; j < map.length; j++) map[j] += segment.map.data[j];
  }
  return { map: { data: map } };
}

function relativeError({ map: { data } }, { map: { data: reference } }) {
  let [difference, norm] = [0, 0];
  for (let k = 0; k < data.length; k++) {
    difference += (data[k] - reference[k]) ** 2;
    norm += reference[k] ** 2;
  }
  return Math.sqrt(difference / norm);
}

function relativeDelta({ map, delta }) {
  const sum = map.data.reduce((total, value) => total + value, 0);
  return Math.abs(delta[0] / (sum - delta[0]));
}

// What was measured before is kept.
const rows = json !== undefined && existsSync(json) ? JSON.parse(readFileSync(json, "utf8")) : [];
for await (const { name, model, input, target } of cases()) {
  if (rows.some((row) => row.name === name)) continue;
  const started = performance.now();
  const isLarge = input.data.length > manyValues;
  const chunkSize = isLarge ? 1 : 16;
  const compute = (options) => integratedGradients({ ...options, chunkSize })(model, input, target);
  const row = { name, rules: [], refined: [] };
  // Networks with InstanceNorm change so much near the baseline that equal steps miss it.
  const along = isLarge
    ? [{ from: 0, rule: "riemann_middle", steps: dense }]
    : graded("riemann_middle", dense);
  const reference = await alongSegments(along, model, input, target, chunkSize);
  if (!isLarge) {
    // Other points: the two differ by about what the worse one is off.
    const other = await alongSegments(graded("gausslegendre", dense / 2), model, input, target, chunkSize);
    row.reference = relativeError(other, reference);
  }
  for (const rule of Object.keys(endsBesides)) {
    for (const passes of budgets) {
      const found = await compute({ rule, steps: passes - endsBesides[rule] });
      row.rules.push({ rule, passes, error: relativeError(found, reference), delta: relativeDelta(found) });
    }
  }
  for (const tolerance of isLarge ? tolerances.slice(0, 1) : tolerances) {
    const found = await compute({ tolerance });
    const of = { tolerance, ...found.refinement[0] };
    row.refined.push({ ...of, error: relativeError(found, reference), delta: relativeDelta(found) });
  }
  rows.push(row);
  console.error(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, undefined, 1)}\n`);
}

const number = (value) => value.toPrecision(2);
const percent = (value) => `${number(100 * value)} %`;
const of = (rule, passes) =>
  rows.map(({ rules }) => rules.find((found) => found.rule === rule && found.passes === passes));
const winner = (row, passes) =>
  row.rules.filter((found) => found.passes === passes).reduce((a, b) => (b.error < a.error ? b : a)).rule;
const ofRules = [
  ["rule", "passes", "median error", "largest error", "best of", "rank correlation of |delta|"],
];
for (const rule of Object.keys(endsBesides)) {
  for (const passes of budgets) {
    const found = of(rule, passes);
    const errors = found.map(({ error }) => error);
    ofRules.push([
      ...[rule, passes, percent(median(errors)), percent(Math.max(...errors))],
      `${rows.filter((row) => winner(row, passes) === rule).length} of ${rows.length}`,
      rankCorrelation(
        errors,
        found.map(({ delta }) => delta),
      ).toFixed(2),
    ]);
  }
}
console.log(table(ofRules));
const ofTolerances = [
  ["tolerance", "passes (median, most)", "reached", "error (median, largest)", "|delta| (largest)"],
];
for (const tolerance of tolerances) {
  const found = rows.flatMap(({ refined }) => refined.filter((one) => one.tolerance === tolerance));
  const passes = found.map((one) => one.passes);
  const errors = found.map(({ error }) => error);
  ofTolerances.push([
    ...[tolerance, `${median(passes)}, ${Math.max(...passes)}`],
    `${found.filter(({ converged }) => converged).length} of ${found.length}`,
    `${percent(median(errors))}, ${percent(Math.max(...errors))}`,
    percent(Math.max(...found.map(({ delta }) => delta))),
  ]);
}
console.log(`\n${table(ofTolerances)}`);
