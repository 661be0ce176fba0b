// node bench/null-data.mjs [--sets 400] [--relabellings 299] [--only PATTERN] [--maps TABLE --mask IMAGE] [--json FILE]: how often
// `compareMaps` finds something where there is nothing. Each data set has maps without an effect: simulated noise, or with --maps
// a cohort's maps whose groups are drawn anew. Counted is a corrected p ≤ 0.05, by shares of relabellings and by tails, and where
// stopping early decides otherwise. It takes minutes of one core for each kind of data.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { decodeMap } from "@voxplain/caps-io";
import { compareMaps, design, regionAtlas, smooth } from "@voxplain/group-analysis";
import { table } from "./statistics.mjs";

const { values } = parseArgs({
  options: {
    sets: { type: "string", default: "400" },
    relabellings: { type: "string", default: "299" },
    only: { type: "string" },
    maps: { type: "string" },
    mask: { type: "string" },
    json: { type: "string" },
  },
});
const sets = Number(values.sets);
const permutations = Number(values.relabellings);
const significant = 0.05;

/** Small fast counting generator of 32 bits. */
function generator(seed) {
  let [a, b, c, counter] = [seed, 0x9e3779b9, 0x243f6a88, 1];
  const next = () => {
    const word = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + word;
    return ((word >>> 0) + 0.5) / 2 ** 32;
  };
  for (let k = 0; k < 20; k++) next();
  return next;
}
const normalOf = (uniform) => () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());

const shape = [8, 9, 8];
const affine = [
  [2, 0, 0, 0],
  [0, 2, 0, 0],
  [0, 0, 2, 0],
  [0, 0, 0, 1],
];
const grid = { shape, affine };
const count = shape[0] * shape[1] * shape[2];
/** Eight blocks of the image. */
function blocks({ shape: [nx, ny, nz], affine: place }) {
  const data = Int32Array.from({ length: nx * ny * nz }, (_, v) => {
    const [x, y, z] = [Math.floor(v / (ny * nz)), Math.floor(v / nz) % ny, v % nz];
    return 1 + 4 * Number(2 * x >= nx) + 2 * Number(2 * y >= ny) + Number(2 * z >= nz);
  });
  return regionAtlas(
    { shape: [nx, ny, nz], affine: place, data },
    { shape: [nx, ny, nz], affine: place },
    new Map(),
  );
}

const people = (name, size, uniform) =>
  Array.from({ length: size }, (_, k) => ({
    participant: `${name}-${k}`,
    covariates: {
      // Older in A, so that the covariate is not independent of the group.
      age: String(60 + (name === "a" ? 4 : 0) + 20 * uniform()),
      sex: uniform() < 0.5 ? "F" : "M",
    },
  }));

/** Noise of a width in mm; `shaped` bends each value. */
function simulated({ fwhm = 0, a = 10, b = 10, options = {}, shaped = (x) => x, byAge = 0 }) {
  return (uniform) => {
    const normal = normalOf(uniform);
    const plan = design({
      a: people("a", a, uniform),
      ...(b > 0 && { b: people(options.paired ? "a" : "b", b, uniform) }),
      ...options,
    });
    const maps = plan.maps.map(({ source, index }) => {
      const row = plan.rows.find((one) => one[source].includes(index));
      const age = byAge * (Number(row?.covariates[0] ?? 0) / 10);
      const noise = smooth(Float32Array.from({ length: count }, normal), grid, fwhm);
      const scale = 1 / Math.sqrt(noise.reduce((sum, x) => sum + x * x, 0) / count);
      return Float32Array.from(noise, (x) => shaped(x * scale) + age);
    });
    return { design: plan, grid, maps, atlas: blocks(grid) };
  };
}

/** Groups drawn anew from the maps of one cohort: a table with the column `map`, NIfTI files on one grid. */
async function shuffled(path, maskPath) {
  const [header, ...rows] = readFileSync(path, "utf8").trimEnd().split("\n");
  const column = header.split("\t").indexOf("map");
  const files = rows.map((row) => join(dirname(path), row.split("\t")[column]));
  const read = (file) => decodeMap(readFileSync(file), file, file);
  const all = await Promise.all(files.map(read));
  const mask = maskPath === undefined ? undefined : await read(maskPath);
  const head = gunzipSync(readFileSync(files[0]));
  const own = { shape: [42, 44, 46].map((at) => head.readInt16LE(at)), affine };
  return (uniform) => {
    const order = all.map((_, k) => k);
    for (let k = order.length - 1; k > 0; k--) {
      const other = Math.floor(uniform() * (k + 1));
      [order[k], order[other]] = [order[other], order[k]];
    }
    const half = Math.floor(all.length / 2);
    const plan = design({
      a: people("a", half, uniform),
      b: people("b", all.length - half, uniform),
    });
    return {
      ...{ design: plan, grid: own, atlas: blocks(own), maps: order.map((k) => all[k]) },
      ...(mask && { mask }),
    };
  };
}

const kinds = {
  "white noise, 10 + 10": simulated({}),
  "noise of 2 voxels FWHM, 10 + 10": simulated({ fwhm: 4 }),
  "noise of 4 voxels FWHM, 10 + 10": simulated({ fwhm: 8 }),
  "skewed noise (x + x²) of 2 voxels, 10 + 10": simulated({ fwhm: 4, shaped: (x) => x + x * x }),
  "2 voxels, 7 + 12, age and sex as covariates, maps that depend on age": simulated({
    ...{ fwhm: 4, a: 7, b: 12, byAge: 1, options: { covariates: ["age", "sex"] } },
  }),
  "2 voxels, 12 pairs": simulated({ fwhm: 4, a: 12, b: 12, options: { paired: true } }),
  "2 voxels, 12 against 0": simulated({ fwhm: 4, a: 12, b: 0 }),
};
if (values.maps !== undefined)
  kinds["maps of a cohort, groups drawn anew"] = await shuffled(values.maps, values.mask);

const tests = ["voxels", "TFCE", "cluster size", "cluster mass", "regions"];
const largest = (list) => Array.from(list).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** The smallest corrected p of each test: by tails, and by shares of relabellings. */
function smallest({ maps, clusters, regions, null: nulls, tails, permutations: computed, exact }) {
  const share = (maxima, observed) => {
    const reached = maxima.reduce((sum, value) => sum + Number(value >= observed - 1e-6 * observed), 0);
    return exact ? reached / computed : (1 + reached) / (1 + computed);
  };
  const counted = [
    share(nulls.maxT, largest(maps.t)),
    share(nulls.maxTfce, largest(maps.tfce)),
    share(nulls.maxClusterSize, largest(clusters.map(({ voxels }) => voxels))),
    share(nulls.maxClusterMass, largest(clusters.map(({ mass }) => mass))),
    share(nulls.maxRegionT, largest(regions.map(({ t }) => t))),
  ];
  return { counted, fitted: tails && Object.values(tails).map(({ p }) => p) };
}

/** Clopper and Pearson's interval of a share. */
function interval(found, of) {
  const atMost = (p, k) => {
    let [term, sum] = [(1 - p) ** of, 0];
    for (let i = 0; i <= k; i++) {
      sum += term;
      term *= ((of - i) / (i + 1)) * (p / (1 - p));
    }
    return sum;
  };
  const solve = (tooLow) => {
    let [low, high] = [0, 1];
    for (let step = 0; step < 60; step++) {
      const middle = (low + high) / 2;
      if (tooLow(middle)) low = middle;
      else high = middle;
    }
    return low;
  };
  const lower = found === 0 ? 0 : solve((p) => 1 - atMost(p, found - 1) < 0.025);
  const upper = found === of ? 1 : solve((p) => atMost(p, found) > 0.025);
  return [lower, upper];
}

const results = [];
for (const [name, make] of Object.entries(kinds)) {
  if (values.only !== undefined && !new RegExp(values.only).test(name)) continue;
  const hits = { counted: tests.map(() => 0), fitted: tests.map(() => 0) };
  const fits = tests.map(() => 0);
  let [stopped, changed] = [0, 0];
  for (let k = 0; k < sets; k++) {
    const input = make(generator(1000 + k));
    const options = { permutations, seed: k, cluster: { p: 0.01 } };
    const found = await compareMaps(input, { ...options, tail: true });
    const p = smallest(found);
    tests.forEach((_, at) => {
      for (const how of ["counted", "fitted"]) if (p[how][at] <= significant) hits[how][at]++;
    });
    Object.values(found.tails).forEach(({ fit }, at) => {
      if (fit !== undefined) fits[at]++;
    });
    const early = await compareMaps(input, { ...options, stopEarly: true });
    if (early.stoppedEarly) stopped++;
    const decisions = (list) => list.map((one) => one <= significant).join();
    if (decisions(smallest(early).counted) !== decisions(p.counted)) changed++;
  }
  const shown = (found) => {
    const [low, high] = interval(found, sets);
    return { found, share: found / sets, low, high, holds: low <= significant && significant <= high };
  };
  const counted = hits.counted.map(shown);
  const fitted = hits.fitted.map(shown);
  results.push({
    ...{ data: name, sets, permutations, stoppedEarly: stopped, changedByStopping: changed },
    tests: tests.map((test, at) => ({
      test,
      counted: counted[at],
      tail: fitted[at],
      tailsThatFit: fits[at],
    })),
  });
  const percent = ({ share, low, high }) =>
    `${(100 * share).toFixed(1)} % (${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)})`;
  console.log(`${name}: ${sets} data sets; stopping early ended ${stopped} and changed ${changed} decisions`);
  console.log(
    table([
      ["p ≤ 0.05", "by shares", "by tails", "tails that fit"],
      ...tests.map((test, at) => [test, percent(counted[at]), percent(fitted[at]), fits[at]]),
    ]),
  );
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 1)}\n`);
}
