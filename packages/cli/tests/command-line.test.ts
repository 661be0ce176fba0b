import { main } from "@voxplain/cli";
import { methods } from "@voxplain/saliency";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

let output: string;
let errors: string;
beforeEach(() => {
  output = "";
  errors = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    errors += text;
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

describe("voxplain", () => {
  it.each(["explain", "interpret"])("%s --help names every method with its options", async (command) => {
    expect(await main([command, "--help"])).toBe(0);
    for (const [name, { options }] of Object.entries(methods)) {
      const line = output.split("\n").find((one) => one.startsWith(`  ${name} `));
      for (const option of Object.keys(options).filter((one) => one !== "voxelSize")) {
        expect(line, name).toContain(`${option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}=`);
      }
    }
    expect(output).toMatch(/integrated-gradients +steps=32 /);
  });

  it("shows every option of the manual, with its default", async () => {
    expect(await main(["interpret", "--help"])).toBe(0);
    for (const option of [
      "--use_cpu",
      "--nproc",
      "--batch_size",
      "--selection",
      "--tsv_path",
      "--caps_dir",
      "--diagnosis",
      "--target_diagnosis",
      "--baseline",
      "--keep_true",
      "--nifti_template_path",
      "--multi_cohort",
      "--vmax",
    ]) {
      expect(output).toContain(`${option}`);
    }
    const help = output.replace(/\s+/g, " ");
    for (const [option, standard] of [
      ["--nproc", "(default: 2)"],
      ["--batch_size", "(default: 2)"],
      ["--selection", '(choices: "best_loss", "best_balanced_accuracy", default: best_balanced_accuracy)'],
      ["--diagnosis", '(default: "AD")'],
      ["--vmax", "(default: 0.5)"],
    ] as const) {
      const described = help.slice(help.indexOf(option));
      expect(described.slice(0, described.indexOf(standard) + 1), option).not.toBe("");
    }
  });

  it.each([
    [
      ["interpret", "group", "model", "name", "--use_cpuu"],
      /unknown option '--use_cpuu'\n\(Did you mean --use_cpu\?\)/,
    ],
    [["interpret", "groups", "model", "name"], /'groups' is invalid.*Allowed choices are group, individual/],
    [["interpret", "group", "model"], /missing required argument 'name'/],
    [["interpret", "group", "model", "name", "--batch_size", "0"], /whole number from 1/],
    [["interpret", "group", "model", "name", "--nproc", "two"], /whole number from 0/],
    [
      ["interpret", "group", "model", "name", "--selection", "best"],
      /Allowed choices are best_loss, best_balanced_accuracy/,
    ],
    [["interpret", "group", "model", "name", "--keep_true", "perhaps"], /true or false/],
    [["interpret", "group", "model", "name", "--vmax", "-1"], /number above 0/],
    [["interpet", "group"], /unknown command 'interpet'\n\(Did you mean interpret\?\)/],
  ])("refuses %j with a sentence and exit status 2", async (argv, message) => {
    expect(await main(argv)).toBe(2);
    expect(errors).toMatch(message);
    expect(errors).not.toMatch(/\n\s+at /);
  });
});
