// What apps/docs/pages/guide/cluster.md shows is run: containers by stand-ins that call the command line itself.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtCommand, isCommandBuilt } from "./built-command.ts";
import { readRoot, root } from "./workspace.ts";

const page = readRoot("apps/docs/pages/guide/cluster.md");
const blocks = Array.from(page.matchAll(/^```bash\n([\s\S]*?)^```$/gm), ([, code]) => code!);
const project = mkdtempSync(join(tmpdir(), "voxplain-cluster-"));
const bin = isCommandBuilt ? builtCommand() : "";

beforeAll(() => {
  cpSync(join(root, "sample/models/random_small"), join(project, "model"), { recursive: true });
  cpSync(join(project, "model"), join(project, "my_model"), { recursive: true });
  cpSync(join(root, "sample/caps"), join(project, "caps"), { recursive: true });
  // One session is enough here.
  mkdirSync(join(project, "labels"));
  const rows = readFileSync(join(root, "sample/labels/AD_baseline.tsv"), "utf8").split("\n").slice(0, 2);
  writeFileSync(join(project, "labels/AD.tsv"), `${rows.join("\n")}\n`);
  mkdirSync(join(project, "bin"));
  // Stands in for a container: runs only the command in it.
  const standIn = `#!/bin/sh\nwhile [ "$1" != interpret ]; do shift; done\nexec "${process.execPath}" "${bin}" "$@"\n`;
  for (const name of ["docker", "apptainer"]) {
    writeFileSync(join(project, "bin", name), standIn, { mode: 0o755 });
  }
  const command = `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`;
  writeFileSync(join(project, "bin/voxplain"), command, { mode: 0o755 });
});
afterAll(() => rmSync(project, { recursive: true }));

function bash(script: string, env: Readonly<Record<string, string>> = {}) {
  const path = `${join(project, "bin")}${delimiter}${process.env.PATH}`;
  const { status, stderr } = spawnSync("bash", ["-c", script.replaceAll("/data/project", project)], {
    cwd: project,
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "", PATH: path, ...env },
  });
  return { status, stderr };
}

it.each(blocks)("is sound for bash: %j", (block) => {
  expect(spawnSync("bash", ["-n"], { input: block, encoding: "utf8" }).stderr).toBe("");
});

describe.skipIf(!isCommandBuilt)("on the built command line", () => {
  const [docker = "", byFold = "", byMethod = ""] = blocks.filter((block) => block.includes("interpret "));
  const result = (fold: number, name: string) =>
    join(project, `results/fold-${fold}/gradients/best_balanced_accuracy/${name}`);

  it("the container for Docker is asked for a command that exists", () => {
    expect(bash(docker)).toMatchObject({ status: 0 });
    expect(existsSync(join(result(0, "AD"), "map.nii.gz"))).toBe(true);
    rmSync(join(project, "results"), { recursive: true });
  });

  it("a task of the array over folds explains its fold", () => {
    const task = (id: string) => bash(byFold, { SLURM_ARRAY_TASK_ID: id, SLURM_CPUS_PER_TASK: "1" });
    expect(task("1")).toMatchObject({ status: 0 });
    expect([0, 1].map((fold) => existsSync(result(fold, "AD")))).toEqual([false, true]);
    // An unknown fold: the sample has two.
    expect(task("4").status).toBe(1);
  });

  it.each([
    ["0", "gradients"],
    ["2", "grad-cam"],
  ])("task %s of the array over methods explains by %s", (id, method) => {
    expect(bash(byMethod, { SLURM_ARRAY_TASK_ID: id, SLURM_CPUS_PER_TASK: "1" })).toMatchObject({
      status: 0,
    });
    const options = JSON.parse(readFileSync(join(result(0, `AD_${method}`), "commandline.json"), "utf8"));
    expect(options).toMatchObject({ method });
  });

  it.each([
    ["bash", ".local/share/bash-completion/completions/voxplain"],
    ["zsh", ".zfunc/_voxplain"],
    ["fish", ".config/fish/completions/voxplain.fish"],
  ])(
    "the completion for %s is written where the page says, in a home that has no such folder",
    (shell, path) => {
      const home = mkdtempSync(join(project, "home-"));
      const script = page.split("```").find((text) => text.includes(`voxplain completion ${shell} >`)) ?? "";
      // What is pasted is a plain script for any of the shells.
      expect(bash(script.replace(shell, ""), { HOME: home })).toMatchObject({ status: 0 });
      expect(readFileSync(join(home, path), "utf8")).toContain("voxplain complet");
    },
  );
});
