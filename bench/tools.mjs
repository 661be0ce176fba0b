// Each method beside the tools that have it: node --import ./bench/typescript.mjs bench/tools.mjs [FOLDER]
// The tools need not be installed: PYTHONPATH names their sources, VOXPLAIN_TOOL_VERSIONS their versions as JSON, {"Captum": "0.8.0", …}.
// A FOLDER with maps of the tools is taken as it is, an empty or new one is filled. Writes a file for each network into bench/results/tools.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ourMaps } from "./tools/our-maps.mjs";
import { openReference } from "./tools/reference.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), "voxplain-tools-"));
const versions = JSON.parse(process.env.VOXPLAIN_TOOL_VERSIONS ?? "{}");

if (!existsSync(join(folder, "comparisons.json"))) {
  mkdirSync(folder, { recursive: true });
  const python = process.env.VOXPLAIN_BENCH_PYTHON ?? "/usr/bin/python3";
  const { status } = spawnSync(python, [here("tools/reference.py"), folder], { stdio: "inherit" });
  if (status !== 0) throw new Error("not all tools computed their maps");
}
const reference = openReference(folder);

function distance(found, expected) {
  if (found.length !== expected.length)
    throw new Error(`${found.length} values in place of ${expected.length}`);
  let [error, norm] = [0, 0];
  for (let k = 0; k < expected.length; k++) {
    error += (found[k] - expected[k]) ** 2;
    norm += expected[k] ** 2;
  }
  return Math.sqrt(error / norm);
}

const head = {
  ...{ versions, torch: reference.torch, node: process.version, machine: cpus()[0]?.model },
  date: new Date().toISOString().slice(0, 10),
};
mkdirSync(here("results/tools"), { recursive: true });
for (const name of Object.keys(reference.networks)) {
  const withKernels = await ourMaps(reference, name, true);
  const alone = await ourMaps(reference, name, false);
  const rows = [];
  for (const comparison of reference.comparisons.filter(({ network }) => network === name)) {
    const { file, ours, shown, ...row } = comparison;
    const [found, plain] = [await withKernels.mapOf(comparison), await alone.mapOf(comparison)];
    const errors = (expected) => ({
      error: distance(found.data, expected),
      withoutKernels: distance(plain.data, expected),
    });
    rows.push({
      ...Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
      blocks: found.blocks,
      ...errors(reference.float64(file)),
      ...(ours && { shown, ofDefinition: errors(reference.float64(ours)) }),
    });
  }
  await withKernels.release();
  await alone.release();
  // A line for each comparison.
  const lines = rows.map((row) => ` ${JSON.stringify(row)}`).join(",\n");
  const text = `${JSON.stringify(head).slice(0, -1)},"rows":[\n${lines}\n]}\n`;
  writeFileSync(here(`results/tools/${name}.json`), text);
  console.log(`${name}: ${rows.length} comparisons`);
}
