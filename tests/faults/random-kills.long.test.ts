// Jobs that are killed at random moments and continued: their results are those of jobs that nothing disturbed.
import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtCommand } from "../built-command.ts";

const program = builtCommand();
const fixtures = fileURLToPath(new URL("../../packages/cli/tests/fixtures/onnx", import.meta.url));
const network = join(fixtures, "volume.onnx");
const folder = mkdtempSync(join(tmpdir(), "random-kills-"));
const images = join(folder, "images.tsv");
const sessions = 24;
const kills = 20;

beforeAll(() => {
  const rows = Array.from({ length: sessions }, (_, k) => {
    copyFileSync(join(fixtures, "volume.nii.gz"), join(folder, `${k}.nii.gz`));
    return `sub-${k}\t${k}.nii.gz\n`;
  });
  writeFileSync(images, `participant_id\timage\n${rows.join("")}`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Job {
  readonly name: string;
  /** Below the folder of results. */
  readonly result: string;
  readonly argv: readonly string[];
  /** What makes the result of the job, where it is a part. */
  readonly others?: readonly (readonly string[])[];
}

const common = ["--use_cpu", "--threads", "1", "--images", images];
const interpret = (level: string) => [
  ...["interpret", level, network, "x", ...common, "--target_node", "1"],
  ...["--method", "integrated-gradients", "--method_options", "steps=200"],
];
const jobs: readonly Job[] = [
  { name: "interpret group", result: "gradients/x", argv: interpret("group") },
  { name: "interpret individual", result: "gradients/x", argv: interpret("individual") },
  { name: "predict", result: "predictions/x", argv: ["predict", network, ...common, "--name", "x"] },
  {
    ...{ name: "interpret group --shard 1/2", result: "gradients/x" },
    argv: [...interpret("group"), "--shard", "1/2"],
    others: [
      [...interpret("group"), "--shard", "2/2"],
      ["merge", network, "x"],
    ],
  },
];

const words = (argv: readonly string[], where: string) => [
  ...[program, ...argv, "--output_dir", join(folder, where)],
];

function run(argv: readonly string[], where: string): string {
  const { status, stderr } = spawnSync(process.execPath, words(argv, where), { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return stderr;
}

/** Whether it was killed before its end. */
function killed(
  argv: readonly string[],
  where: string,
  signal: NodeJS.Signals,
  after: number,
): Promise<boolean> {
  const child = spawn(process.execPath, words(argv, where), { stdio: "ignore" });
  const timer = setTimeout(() => child.kill(signal), after);
  return new Promise((resolve) =>
    child.on("exit", (_, by) => {
      clearTimeout(timer);
      resolve(by !== null);
    }),
  );
}

/** Every file but provenance.json, with its bytes; the name of its folder is left out, and so are the options of splitting. */
function filesOf(where: string, result: string): Readonly<Record<string, string>> {
  const files = readdirSync(join(folder, where, result), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "provenance.json")
    .map((entry) => join(entry.parentPath, entry.name));
  const textOf = (file: string) =>
    file.endsWith("commandline.json")
      ? readFileSync(file, "utf8")
          .replaceAll(join(folder, where), "out")
          .replaceAll(/^.*"(resume|shard)".*$/gm, "")
      : readFileSync(file, "hex");
  return Object.fromEntries(files.map((file) => [file.slice(join(folder, where).length), textOf(file)]));
}

describe.each(jobs)("$name, killed at random moments", ({ name, result, argv, others = [] }) => {
  it("has the same files after --resume, and nothing beside them", { timeout: 3_600_000 }, async () => {
    const started = performance.now();
    for (const one of [argv, ...others]) run(one, "whole");
    const whole = (performance.now() - started) / (1 + others.length);
    const expected = filesOf("whole", result);
    const ended = { killed: 0, goneOn: 0 };
    for (let k = 0; k < kills; k++) {
      mkdirSync(join(folder, "out"));
      const signal = k % 4 === 3 ? "SIGTERM" : "SIGKILL";
      if (await killed(argv, "out", signal, Math.random() * whole)) ended.killed++;
      const [said = ""] = [[...argv, "--resume"], ...others].map((one) => run(one, "out"));
      if (/[1-9]\d* finished before/.test(said)) ended.goneOn++;
      expect(filesOf("out", result)).toEqual(expected);
      expect(readdirSync(join(folder, "out", result, ".."))).toEqual(["x"]);
      rmSync(join(folder, "out"), { recursive: true });
    }
    rmSync(join(folder, "whole"), { recursive: true });
    process.stderr.write(
      `${name}: ${ended.killed} of ${kills} killed, ${ended.goneOn} went on with sessions\n`,
    );
    expect(ended.killed).toBeGreaterThan(kills / 2);
  });
});
