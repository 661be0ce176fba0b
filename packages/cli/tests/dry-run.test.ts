import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { interpretModel, modelOf, temporaryFolder } from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

const folder = temporaryFolder();

describe("--dry_run", () => {
  it("of interpret prints networks, sessions, parts, passes and folders, and writes nothing", async () => {
    const options = ["--method", "integrated-gradients", "--method_options", "steps=4", "--dry_run"];
    const { status, output, errors } = await interpretModel(folder.path, "group", "patch", "x", ...options);
    expect([status, errors]).toEqual([0, ""]);
    expect(output).toMatch(/^model: .*patch \(patch\)\n/);
    expect(output).toContain(
      "fold 0, best_balanced_accuracy:\n  results: the mean map of all images (integrated-gradients)\n  sessions: 4\n",
    );
    expect(output).toContain("    sub-02 ses-M00\n");
    const [, parts] = /parts of each: (\d+)\n/.exec(output) ?? [];
    const [, passes] = /passes through the network: (?:\d+ to )?(\d+)\n/.exec(output) ?? [];
    expect(Number(passes)).toBeGreaterThanOrEqual(4 * 4 * Number(parts));
    expect(output).toMatch(/files in: .*fold-0\/gradients\/best_balanced_accuracy\/x\n/);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it("of predict prints a pass for each part of each session", async () => {
    const argv = ["predict", modelOf("patch"), "--use_cpu", "--output_dir", folder.path, "--dry_run"];
    const { status, output } = await voxplain(...argv);
    expect(status).toBe(0);
    const [, sessions] = /sessions: (\d+)\n/.exec(output) ?? [];
    const [, parts] = /parts of each: (\d+)\n/.exec(output) ?? [];
    const [, passes] = /passes through the network: (\d+)\n/.exec(output) ?? [];
    expect(Number(passes)).toBe(Number(sessions) * Number(parts));
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it("of a part prints its sessions, its passes and what it takes on the disk", async () => {
    const outputOf = async (...options: string[]) => {
      const argv = ["--dry_run", ...options] as const;
      return (await interpretModel(folder.path, "group", "patch", "x", ...argv)).output;
    };
    const numbersIn = (text: string) => ({
      passes: Number(/passes through the network: (?:\d+ to )?(\d+)\n/.exec(text)?.[1]),
      kilobytes: Number(/on the disk: at least (\d+\.\d) kB,/.exec(text)?.[1]),
    });
    const whole = await outputOf();
    const part = await outputOf("--shard", "2/4");
    expect(part).toContain("part 2/4: sessions 2 to 2 of 4\n  sessions: 1\n    sub-01 ses-M18\n");
    expect(numbersIn(part).passes).toBe(numbersIn(whole).passes / 4);
    expect(numbersIn(whole).kilobytes).toBeCloseTo(4 * numbersIn(part).kilobytes, 0);
    expect(numbersIn(part).kilobytes).toBeGreaterThan(1);
    expect(await outputOf("--shard", "1/8")).toContain("part 1/8: no session\n  sessions: 0\n");
  });

  it("refuses what the job would refuse, with all problems at once", async () => {
    const options = [
      "--nifti_template_path",
      "nowhere.nii",
      "--checks",
      "sanity",
      "--folds",
      "7",
      "--dry_run",
    ];
    const { status, errors } = await interpretModel(folder.path, "group", "patch", "x", ...options);
    expect(status).not.toBe(0);
    expect(errors).toMatch(/there are 3 problems:/);
    for (const problem of [/nowhere\.nii/, /fold-7/, /"sanity"/]) expect(errors).toMatch(problem);
  });
});

it("interpret refuses an ONNX file without images, and says how they are named", async () => {
  const file = fileURLToPath(new URL("fixtures/onnx/volume.onnx", import.meta.url));
  const { status, errors } = await interpretModel(folder.path, "group", file, "x");
  expect(status).toBe(2);
  expect(errors).toMatch(
    /volume\.onnx: an ONNX file does not say which images .*\(--images <table or folder>\)/,
  );
  expect(readdirSync(folder.path)).toEqual([]);
});
