import { main } from "@voxplain/cli";
import { methods } from "@voxplain/saliency";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createProgram } from "../src/command-line/program.ts";

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
  it.each(["explain", "interpret"])("%s --help all names every method with its options", async (command) => {
    expect(await main([command, "--help", "all"])).toBe(0);
    for (const [name, { options }] of Object.entries(methods)) {
      const line = output.split("\n").find((one) => one.startsWith(`  ${name} `));
      for (const option of Object.keys(options).filter((one) => one !== "voxelSize")) {
        expect(line, name).toContain(`${option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}=`);
      }
    }
    expect(output).toMatch(/integrated-gradients +steps=32 /);
  });

  describe.each(["interpret", "predict", "explain"])("%s", (command) => {
    const program = createProgram({ argv: [], onStatus: () => {} });
    const { options } = program.commands.find((one) => one.name() === command)!;
    const names = options.map(({ long }) => long ?? "");
    const shown = () => names.filter((name) => new RegExp(`^ {2}(-\\w, )?${name}( |$)`, "m").test(output));

    it.each([["--help"], ["-h"]])(
      "%s shows ten options in groups, and how to see the others",
      async (flag) => {
        expect(await main([command, flag])).toBe(0);
        expect(shown()).toHaveLength(10);
        expect(output).toMatch(/^Computational resources:\n {2}--use_cpu/m);
        expect(output).toContain(`${names.length - 10} more options`);
        expect(output).toContain(`voxplain ${command} --help all`);
        expect(output).toContain(`\nExamples:\n  voxplain ${command} `);
      },
    );

    it.each([[[command, "--help", "all"]], [[command, "-h", "all"]], [["help", command, "all"]]])(
      "%j shows every option and the files that are written",
      async (argv) => {
        expect(await main(argv)).toBe(0);
        expect(shown()).toEqual(names);
        expect(output).toMatch(/^Results, .*:\n/m);
        expect(output).toContain(`\nExamples:\n  voxplain ${command} `);
      },
    );
  });

  it("help interpret is interpret --help", async () => {
    await main(["interpret", "--help"]);
    const expected = output;
    output = "";
    expect(await main(["help", "interpret"])).toBe(0);
    expect(output).toBe(expected);
  });

  it("shows every option of the manual, with its default", async () => {
    expect(await main(["interpret", "--help", "all"])).toBe(0);
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
      ["--selection", "(default: best_balanced_accuracy)"],
      ["--diagnosis", "(default: AD;"],
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
    [
      ["interpret", "group", "model", "name", "--nprocs", "2"],
      /unknown option '--nprocs'\n\(Did you mean --nproc\?\)/,
    ],
    [["interpret", "groups", "model", "name"], /'groups' is invalid.*Allowed choices are group, individual/],
    [["interpret", "group", "model"], /missing required argument 'name'/],
    [["interpret", "group", "model", "name", "--batch_size", "0"], /whole number from 1/],
    [["interpret", "group", "model", "name", "--nproc", "two"], /whole number from 0/],
    [["interpret", "group", "model", "name", "--keep_true", "perhaps"], /true or false/],
    [["interpret", "group", "model", "name", "--vmax", "-1"], /number above 0/],
    [["interpet", "group"], /unknown command 'interpet'\n\(Did you mean interpret\?\)/],
  ])("refuses %j with a sentence and exit status 2", async (argv, message) => {
    expect(await main(argv)).toBe(2);
    expect(errors).toMatch(message);
    expect(errors).not.toMatch(/\n\s+at /);
  });
});
