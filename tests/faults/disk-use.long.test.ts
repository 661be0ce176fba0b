// What `--dry_run` says that a job takes on the disk, and what it has there at its fullest: when its result is about to get its name.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultyDisk, faultyDisk, hasDiskFaults } from "./disk-faults.ts";

const parts = fileURLToPath(new URL("../../packages/cli/tests/fixtures/parts", import.meta.url));
const sample = fileURLToPath(new URL("../../sample", import.meta.url));
const ofParts = ["--caps_dir", join(parts, "caps"), "--tsv_path", join(parts, "labels")];

/** In small files, headers, records and pictures weigh more than maps. */
const models = [
  {
    name: "whole images",
    isLarge: true,
    model: join(sample, "models/random_small"),
    options: ["--folds", "0"],
  },
  { name: "slices", isLarge: true, model: join(parts, "models/slice"), options: ofParts },
  { name: "patches", isLarge: false, model: join(parts, "models/patch"), options: ofParts },
];
const levels = ["group", "individual"] as const;
const choices = ["none", "summary", "all"] as const;

const cases = models.flatMap((one) =>
  levels.flatMap((level) => choices.map((pictures) => ({ ...one, level, pictures }))),
);

describe.runIf(hasDiskFaults)("--dry_run", () => {
  let disk: FaultyDisk;
  beforeAll(() => {
    disk = faultyDisk();
  });
  afterAll(() => disk.remove());

  it.each(cases)(
    "says what is taken at least, and about how much ($name, $level, --pictures $pictures)",
    {
      timeout: 600_000,
    },
    ({ name, isLarge, model, options, level, pictures }) => {
      const out = join(disk.folder, `out-${name.replaceAll(" ", "-")}-${level}-${pictures}`);
      const argv = ["interpret", level, model, "x", "--use_cpu", "--threads", "1", "--output_dir", out];
      const all = [...argv, ...options, "--pictures", pictures];
      const { output, errors } = disk.run([...all, "--dry_run"]);
      const [, least, about = least] =
        /on the disk: at least (\d+\.\d .B)(?:, about (\d+\.\d .B))?/.exec(output) ?? [];
      expect(least, errors).toBeDefined();
      const whole = disk.run(all, { below: out });
      expect(whole.status, whole.errors).toBe(0);
      const naming = whole.calls.findIndex((call) => /^rename .*\/x$/.test(call)) + 1;
      expect(naming).toBeGreaterThan(0);
      const again = `${out}-killed`;
      const killed = disk.run(
        all.map((word) => (word === out ? again : word)),
        { below: again, at: naming, act: "kill" },
      );
      expect(killed.signal).toBe("SIGKILL");
      const taken = bytesIn(again);
      process.stderr.write(
        `${name}, ${level}, --pictures ${pictures}: at least ${least}, about ${about}, taken ${(taken / 1e6).toFixed(1)} MB\n`,
      );
      expect(bytesOf(least)).toBeLessThanOrEqual(1.001 * taken);
      if (!isLarge) return;
      expect(taken / bytesOf(about)).toBeGreaterThan(0.8);
      expect(taken / bytesOf(about)).toBeLessThan(1.25);
    },
  );
});

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function bytesOf(text = ""): number {
  const [number, unit] = text.split(" ");
  return Number(number) * { kB: 1e3, MB: 1e6, GB: 1e9 }[unit as "kB"];
}
