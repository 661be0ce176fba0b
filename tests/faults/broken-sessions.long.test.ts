// A cohort of a thousand sessions of which fifty cannot be read.
import { spawnSync } from "node:child_process";
import { existsSync, linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { builtCommand } from "../built-command.ts";

const program = builtCommand();
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../packages/cli/tests/fixtures/onnx/${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "broken-sessions-"));
const count = 1000;
/** In blocks of 16, so that some have several of them, and the first and last of a block. */
const broken = Array.from({ length: 50 }, (_, k) => (k * 397) % count).sort((a, b) => a - b);

beforeAll(() => {
  const volume = gunzipSync(readFileSync(fixture("volume.nii.gz")));
  writeFileSync(join(folder, "sound.nii.gz"), gzipSync(volume));
  writeFileSync(join(folder, "cut.nii.gz"), gzipSync(volume.subarray(0, 500)));
  const rows = Array.from({ length: count }, (_, k) => {
    linkSync(join(folder, broken.includes(k) ? "cut.nii.gz" : "sound.nii.gz"), join(folder, `${k}.nii.gz`));
    return `sub-${k}\t${k}.nii.gz\n`;
  });
  writeFileSync(join(folder, "images.tsv"), `participant_id\timage\n${rows.join("")}`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rowsOf = (...path: readonly string[]) =>
  readFileSync(join(folder, ...path), "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((row) => row.split("\t")[0]);

it.each(["individual", "group"])(
  "950 of 1,000 are explained, 50 are in errors.tsv, status 3 (%s)",
  {
    timeout: 3_600_000,
  },
  (level) => {
    const argv = ["interpret", level, fixture("volume.onnx"), "x", "--images", join(folder, "images.tsv")];
    const options = ["--target_node", "1", "--use_cpu", "--threads", "1", "--pictures", "none"];
    const out = join(folder, level);
    const { status, stderr } = spawnSync(
      process.execPath,
      [program, ...argv, ...options, "--output_dir", out],
      { encoding: "utf8", maxBuffer: 2 ** 26 },
    );
    expect(status, stderr.slice(-2000)).toBe(3);
    const result = join(level, "gradients/x");
    const names = Array.from({ length: count }, (_, k) => `sub-${k}`);
    const sound = names.filter((_, k) => !broken.includes(k));
    expect(rowsOf(result, "errors.tsv")).toEqual(broken.map((k) => `sub-${k}`));
    expect(rowsOf(result, "predictions.tsv")).toEqual(sound);
    expect(readdirSync(join(folder, level, "gradients"))).toEqual(["x"]);
    if (level === "individual") {
      const mapsOf = (name: string) =>
        readdirSync(join(folder, result, name), { recursive: true, encoding: "utf8" });
      for (const name of sound) expect(mapsOf(name).join()).toContain("map.npy");
      for (const k of broken) expect(existsSync(join(folder, result, `sub-${k}`))).toBe(false);
    } else {
      expect(existsSync(join(folder, result, "map.npy"))).toBe(true);
    }
  },
);
