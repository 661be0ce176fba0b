import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { methods } from "@voxplain/saliency";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { casesOf } from "../../../tests/long-tests.ts";
import { voxplain } from "./run-voxplain.ts";

const sample = fileURLToPath(new URL("../../../sample", import.meta.url));
const model = join(sample, "models/random_small");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-methods-"));
  mkdirSync(join(folder, "labels"));
  const header = "participant_id\tsession_id\tdiagnosis\n";
  writeFileSync(join(folder, "labels/AD.tsv"), `${header}sub-SIM001\tses-M00\tAD\n`);
  writeFileSync(join(folder, "labels/CN.tsv"), `${header}sub-SIM002\tses-M00\tCN\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const interpret = (name: string, ...options: string[]) =>
  voxplain(
    ...[
      "interpret",
      "group",
      model,
      name,
      "--use_cpu",
      "--threads",
      "1",
      "--folds",
      "0",
      "--output_dir",
      folder,
    ],
    ...["--tsv_path", join(folder, "labels"), "--overwrite", "--pictures", "none", ...options],
  );

const record = (name: string) =>
  JSON.parse(
    readFileSync(join(folder, "fold-0/gradients/best_balanced_accuracy", name, "commandline.json"), "utf8"),
  );

describe("voxplain interpret --method", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["input-x-gradient", []],
    ["integrated-gradients", ["steps=2", "baseline=mean"]],
    ["smoothgrad", ["samples=2", "inner_method=input-x-gradient"]],
    ["expected-gradients", ["references=CN", "samples=2"]],
    ["grad-cam", []],
    ["occlusion", ["window=96", "unit=mm"]],
    ["lrp", ["composite=epsilon-plus"]],
    ["guided-backpropagation", []],
  ];
  const kinds = ["smoothgrad", "expected-gradients", "occlusion"];
  it.each(casesOf(cases, ([method]) => kinds.includes(method)))(
    "%s with %j writes a map, and what it was made with",
    async (method, options) => {
      const flags = options.length === 0 ? [] : ["--method_options", ...options];
      const { status, errors } = await interpret(method, "--method", method, ...flags);
      expect(errors).not.toContain("voxplain:");
      expect(status).toBe(0);
      const { method: recorded, method_options: recordedOptions } = record(method);
      expect(recorded).toBe(method);
      for (const option of options.filter((text) => !text.startsWith("inner_method"))) {
        const [name = "", value = ""] = option.split("=");
        expect(JSON.stringify(recordedOptions), option).toContain(`"${name}":"${value}"`);
      }
    },
  );

  it("takes --seed, --layer and --chunk_size where the method has them", async () => {
    const { status } = await interpret(
      "noisy",
      "--method",
      "vargrad",
      "--seed",
      "7",
      "--method_options",
      "samples=2",
    );
    expect(status).toBe(0);
    expect(record("noisy").method_options.seed).toBe("7");
  });

  it.each([
    [["--method", "gradcam"], /there is no method "gradcam": expected one of gradients, /],
    [["--seed", "7"], /the method gradients has no option "seed": it has no options/],
    [
      ["--method", "integrated-gradients", "--method_options", "step=3"],
      /integrated-gradients has no option "step": expected one of steps, /,
    ],
    [
      ["--method", "integrated-gradients", "--method_options", "steps"],
      /\(--method_options\): expected name=value, such as steps=32, found "steps"/,
    ],
    [
      ["--method", "integrated-gradients", "--method_options", "steps=many"],
      /"many" is not a value of "steps"/,
    ],
    [["--method", "grad-cam", "--layer", "nowhere"], /nowhere/],
    [
      ["--method", "smoothgrad", "--method_options", "inner_method=vargrad"],
      /"vargrad" is not a value of "inner_method" of smoothgrad: it takes an inner_method itself/,
    ],
    [["--method", "lrp", "--through_normalization"], /a map of lrp is not a derivative/],
  ])("says what is wrong with %j", async (options, message) => {
    const { status, errors } = await interpret("wrong", ...options);
    expect(errors).toMatch(message);
    expect(errors).not.toMatch(/\n\s+at /);
    expect(status).toBe(2);
  });
});

it("voxplain methods lists every method with its options and where it is from", async () => {
  const { status, output } = await voxplain("methods");
  expect(status).toBe(0);
  for (const [name, { title, summary, paper }] of Object.entries(methods)) {
    expect(output).toContain(`  ${name}\n`);
    expect(output).toContain(`${title}: ${summary}`);
    expect(output).toContain(paper);
  }
  expect(output).toContain("steps=<integer>");
});
