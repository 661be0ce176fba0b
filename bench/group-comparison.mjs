// node bench/group-comparison.mjs [--rows 120] [--relabellings 5000] [--workers 2] [--streamed] [--tail] [--no_tfce]: a comparison of
// two groups of so many maps of 1.5 M voxels with clusters, 117 regions and, unless left out, TFCE; simulated noise. Seconds until the
// maps are read, and of each relabelling; peak memory of the process; a digest of the result, which is the same for any number of
// workers, in memory or streamed.
import { createHash } from "node:crypto";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { compareMaps, design, regionAtlas } from "@voxplain/group-analysis";
import { fileStore, threads } from "@voxplain/group-analysis/node";
import { affine, head, shape, smoothNoise } from "./head.mjs";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "120" },
    relabellings: { type: "string" },
    workers: { type: "string", default: "2" },
    streamed: { type: "boolean", default: false },
    tail: { type: "boolean", default: false },
    no_tfce: { type: "boolean", default: false },
  },
});
const rows = Number(values.rows);
const grid = { shape, affine };
const [nx, ny, nz] = shape;
const mask = new Uint8Array(nx * ny * nz);
for (const index of head()) mask[index] = 1;
const people = (group) => Array.from({ length: rows / 2 }, (_, k) => ({ participant: `${group}-${k}` }));
const plan = design({ a: people("a"), b: people("b") });
/** 117 blocks of the image. */
function blocks() {
  const data = Int32Array.from(mask, (_, index) => {
    const [x, y, z] = [Math.floor(index / (ny * nz)), Math.floor(index / nz) % ny, index % nz];
    return 1 + Math.floor((9 * x) / nx) * 13 + Math.floor((13 * ((y + z) % ny)) / ny);
  });
  return regionAtlas({ ...grid, data }, grid, new Map());
}

/** The same noise, from elsewhere in each map: what it costs to read files is not measured here. */
function* maps() {
  const noise = smoothNoise(8);
  for (let row = 0; row < rows; row++) {
    const start = (row * 50_021) % noise.length;
    const map = new Float32Array(noise.length);
    map.set(noise.subarray(start));
    map.set(noise.subarray(0, start), noise.length - start);
    yield map;
  }
}

const begin = performance.now();
let read = begin;
let first;
let last;
let done = 0;
const found = await compareMaps(
  { design: plan, grid, mask, maps: maps(), atlas: blocks() },
  {
    ...(values.relabellings && { permutations: Number(values.relabellings) }),
    tail: values.tail,
    ...(values.no_tfce && { tfce: false }),
    runners: threads(Number(values.workers)),
    memory: { limit: values.streamed ? 1e8 : 1e9, store: fileStore },
    onProgress({ phase, done: so }) {
      if (phase === "maps") {
        read = performance.now();
        return;
      }
      // Until every worker has answered once, it is starting.
      if (first === undefined && so >= 8 * Number(values.workers)) first = { at: performance.now(), so };
      [last, done] = [performance.now(), so];
    },
  },
);
const end = performance.now();
const hash = createHash("sha256");
for (const one of [found.maps.pFweT, found.maps.pUncorrected, found.null.maxT, found.null.maxTfce])
  hash.update(one);
for (const one of [found.null.maxClusterMass, found.null.maxRegionT]) hash.update(one);
hash.update(JSON.stringify([found.clusters, found.regions]));
const seconds = (from, to) => `${((to - from) / 1000).toFixed(1)} s`;
console.log(
  `maps: ${seconds(begin, read)}; relabellings: ${seconds(read, last)}; the rest: ${seconds(last, end)}`,
);
if (first !== undefined && done > first.so) {
  console.log(
    `each relabelling: ${((last - first.at) / (done - first.so)).toFixed(0)} ms by ${values.workers} workers`,
  );
}
console.log(
  `${found.permutations} relabellings, ${found.voxels.length} voxels, ${found.clusters.length} clusters`,
);
console.log(
  `peak memory: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB; digest ${hash.digest("hex").slice(0, 16)}`,
);
