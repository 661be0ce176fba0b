// The workflows for clusters, on a Slurm and a Snakemake of this machine: their result is that of one run.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { builtCommand, isCommandBuilt } from "../built-command.ts";
import { root } from "../workspace.ts";

const bin = isCommandBuilt ? builtCommand() : "";
const command = `${process.execPath} ${bin}`;
const sample = join(root, "sample");
const model = join(sample, "models/random_small");
const options = `--use_cpu --threads 1 --folds 0 --diagnosis CN --baseline --caps_dir ${sample}/caps --tsv_path ${sample}/labels`;
const slurmHere = join(root, "tests/cluster/slurm-here.sh");

const finds = (...programs: readonly string[]) =>
  programs.every(
    (name) => spawnSync("sh", ["-c", `PATH=$PATH:/usr/sbin:/sbin command -v ${name}`]).status === 0,
  );
const whyNot = (...programs: readonly string[]) => {
  if (!isCommandBuilt) return "the command line is not built";
  return finds(...programs) ? undefined : `${programs.join(", ")} are not installed`;
};
const withoutSlurm = whyNot("munged", "slurmctld", "slurmd", "sbatch");
const withoutSnakemake = whyNot("snakemake");

// Short: Unix sockets have short paths.
const folder = mkdtempSync(join(tmpdir(), "vxp-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  if (withoutSlurm !== undefined && withoutSnakemake !== undefined) return;
  const words = [
    "interpret",
    "group",
    model,
    "x",
    "--output_dir",
    join(folder, "whole"),
    ...options.split(" "),
  ];
  expect(run(process.execPath, [bin, ...words])).toMatchObject({ status: 0 });
});

function run(program: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(program, words, {
    ...{ cwd: folder, encoding: "utf8" as const, timeout: 100_000 },
    env: { ...process.env, NODE_OPTIONS: "", ...env },
  });
  return { status, stdout, stderr };
}

/** Every file of a result but provenance.json, with its bytes; the name of its folder is left out of them. */
function filesOf(where: string): Record<string, string> {
  const result = join(folder, where, "fold-0/gradients/best_balanced_accuracy/x");
  const names = readdirSync(result, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "provenance.json")
    .map((entry) => join(entry.parentPath, entry.name));
  const bytesOf = (file: string) =>
    file.endsWith(".json")
      ? readFileSync(file, "utf8").replaceAll(join(folder, where), "out")
      : readFileSync(file, "hex");
  return Object.fromEntries(names.map((file) => [file.slice(result.length), bytesOf(file)]));
}

const settings = (where: string) => [
  ...[`voxplain=${command}`, `model=${model}`, "level=group", "name=x"],
  ...[`output_dir=${join(folder, where)}`, "shards=2", `options=${options}`],
];

describe.skipIf(withoutSlurm)(
  `workflows/slurm${withoutSlurm === undefined ? "" : ` (${withoutSlurm})`}`,
  () => {
    it("an array of two tasks and the job that merges after it have the files of one run", async () => {
      const state = { SLURM_HERE: join(folder, "slurm") };
      onTestFinished(() => {
        run(slurmHere, ["stop"], state);
      });
      const started = run(slurmHere, ["start"], state);
      expect(started).toMatchObject({ status: 0 });
      const env = { SLURM_CONF: /SLURM_CONF=(.*)/.exec(started.stdout)?.[1] ?? "" };
      const sent = run(join(root, "workflows/slurm/submit.sh"), settings("slurm-out"), env);
      expect(sent).toMatchObject({ status: 0 });
      const merge = /^array \d+ merge (\d+)$/m.exec(sent.stdout)?.[1] ?? "";
      let job = "";
      const end = Date.now() + 90_000;
      while (Date.now() < end && !/JobState=(COMPLETED|FAILED|CANCELLED|TIMEOUT)/.test(job)) {
        await wait(200);
        job = run("scontrol", ["-o", "show", "job", merge], env).stdout;
      }
      expect(job).toContain("JobState=COMPLETED");
      expect(filesOf("slurm-out")).toEqual(filesOf("whole"));
    });
  },
);

describe.skipIf(withoutSnakemake)(
  `workflows/snakemake${withoutSnakemake === undefined ? "" : ` (${withoutSnakemake})`}`,
  () => {
    it("two parts and their merge have the files of one run", () => {
      const snakefile = join(root, "workflows/snakemake/Snakefile");
      const words = ["--snakefile", snakefile, "--cores", "2", "--config", ...settings("snakemake-out")];
      expect(run("snakemake", words, { CI: "true" })).toMatchObject({ status: 0 });
      expect(filesOf("snakemake-out")).toEqual(filesOf("whole"));
    });
  },
);
