// What jobs of 100 and of 1,000 sessions take of memory and of the processor, each as a program of its own.
import { spawnSync } from "node:child_process";
import { linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtCommand } from "./built-command.ts";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../packages/cli/tests/fixtures/onnx/${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "memory-"));
/** Prints the largest memory of the process itself, without that of the one that started it, and its seconds of the processor. */
const meter = `process.on("exit", () => {
  const [, peak] = /VmHWM:\\s+(\\d+) kB/.exec(require("node:fs").readFileSync("/proc/self/status", "utf8"));
  const { user, system } = process.cpuUsage();
  require("node:fs").writeFileSync(process.env.METER, JSON.stringify({ peak: peak / 1024, seconds: (user + system) / 1e6 }));
});`;

beforeAll(() => {
  writeFileSync(join(folder, "meter.cjs"), `if (require("node:worker_threads").isMainThread) ${meter}`);
  writeFileSync(join(folder, "image.nii.gz"), gzipSync(gunzipSync(readFileSync(fixture("volume.nii.gz")))));
  for (const count of [100, 1000]) {
    const rows = Array.from({ length: count }, (_, k) => {
      linkSync(join(folder, "image.nii.gz"), join(folder, `${count}-${k}.nii.gz`));
      return `sub-${k}\t${count}-${k}.nii.gz\n`;
    });
    writeFileSync(join(folder, `${count}.tsv`), `participant_id\timage\n${rows.join("")}`);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Cost {
  /** MiB. */
  readonly peak: number;
  readonly seconds: number;
}

function run(name: string, words: readonly string[], count: number): Cost {
  const metered = join(folder, "metered.json");
  const data = ["--images", join(folder, `${count}.tsv`), "--output_dir", join(folder, `${name}-${count}`)];
  const options = [...data, "--use_cpu", "--threads", "1", "--no_fsync"];
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--require", join(folder, "meter.cjs"), builtCommand(), ...words, ...options],
    { encoding: "utf8", maxBuffer: 2 ** 26, env: { ...process.env, NODE_OPTIONS: "", METER: metered } },
  );
  expect(status, stderr.slice(-2000)).toBe(0);
  return JSON.parse(readFileSync(metered, "utf8"));
}

describe.runIf(process.platform === "linux")("a job of 1,000 sessions", () => {
  const network = fixture("volume.onnx");
  const ofMaps = ["x", "--target_node", "1", "--pictures", "none"];
  it.each([
    { name: "interpret individual", words: ["interpret", "individual", network, ...ofMaps] },
    { name: "interpret group", words: ["interpret", "group", network, ...ofMaps] },
    { name: "predict", words: ["predict", network] },
  ])("takes little more memory than one of 100 ($name)", { timeout: 1_200_000 }, ({ name, words }) => {
    const [few, many] = [run(name, words, 100), run(name, words, 1000)];
    const text = ({ peak, seconds }: Cost, count: number) =>
      `${count} sessions ${peak.toFixed(1)} MiB, ${seconds.toFixed(2)} s of the processor`;
    process.stdout.write(`${name}: ${text(few, 100)}; ${text(many, 1000)}\n`);
    expect(many.peak).toBeLessThan(1.1 * few.peak);
  });
});
