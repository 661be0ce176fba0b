// Names of files and people that would forge lines of a terminal or a table, and links that lead astray.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeTable } from "@voxplain/writers";
import { expect, it, vi } from "vitest";
import { demo } from "../src/demo/run.ts";
import { progressOn } from "../src/progress.ts";
import {
  copyImages,
  imageIn,
  modelOf,
  partFixtures,
  resultIn,
  table,
  temporaryFolder,
} from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

const folder = temporaryFolder();
const forged = "nowhere\u001b[2J\u202e\nvoxplain: all is well";

it("a path with control characters is printed with escapes, on one line", async () => {
  const path = join(folder.path, forged);
  for (const argv of [
    ["explain", path, "image.npy", "--use_cpu"],
    ["inspect", path],
    ["report", path],
  ]) {
    const { status, errors } = await voxplain(...argv);
    expect(status).toBeGreaterThan(0);
    expect(errors).toContain("\\u001b[2J\\u202e");
    expect(errors).not.toMatch(/^voxplain: all is well/m);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(errors).not.toMatch(/[\u001b\u202e]/);
  }
});

it("such a path is printed with escapes where a command succeeds, too", async () => {
  copyImages(folder.path);
  const out = join(folder.path, forged);
  const network = join(folder.path, `${forged}.onnx`);
  cpSync(join(partFixtures, "../onnx/volume.onnx"), network);
  const results = ["--output_dir", out];
  for (const { status, output } of [
    await run("--shard", "1/2", ...results),
    await voxplain("status", modelOf("patch"), "x", ...results),
    await run("--resume", ...results),
    await run("--resume", ...results),
    await run("--overwrite", "--dry_run", ...results),
    await voxplain("inspect", network),
    await voxplain("differentiate", network, "-o", join(folder.path, `${forged}-gradient.onnx`)),
  ]) {
    expect(status).toBe(0);
    expect(output).not.toMatch(/^voxplain: all is well/m);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(output).not.toMatch(/[\u001b\u202e]/);
  }
});

it("everything else that a command prints goes through the two functions that escape", () => {
  const sources = fileURLToPath(new URL("../src/", import.meta.url));
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const direct = files.filter((file) =>
    /process\.std(out|err)\.write/.test(readFileSync(join(sources, file), "utf8")),
  );
  // Help, lists and scripts that are the program's own.
  expect(direct.sort()).toEqual(["completion/command.ts", "main.ts", "methods/command.ts", "print-lines.ts"]);
});

it("a progress bar has its title with escapes", () => {
  let text = "";
  const stream = { isTTY: false, write: (piece: string) => (text += piece) };
  progressOn(stream as unknown as NodeJS.WriteStream, forged, 2).update({
    index: 2,
    count: 2,
    passes: 0,
    expected: 0,
  });
  expect(text.split("\n")).toHaveLength(3);
  expect(text).toContain("\\u001b[2J");
});

it("the demo says with escapes where its files are in such a folder", async () => {
  let printed = "";
  const stdout = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  await demo({ output_dir: join(folder.path, forged) }, async () => {}).finally(() => stdout.mockRestore());
  expect(printed).toContain("\\nvoxplain: all is well/model/fold-0/");
  expect(printed).not.toMatch(/^voxplain: all is well/m);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(printed).not.toMatch(/[\u001b\u202e]/);
});

it("the demo runs and prints commands in which a folder that begins with a dash is no option", async () => {
  const home = process.cwd();
  process.chdir(folder.path);
  let printed = "";
  const stdout = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  const typed: string[] = [];
  try {
    await demo({ output_dir: "-x" }, async (words) => typed.push(...words));
  } finally {
    stdout.mockRestore();
    process.chdir(home);
  }
  expect(typed).toContain("./-x/model");
  expect(printed).toContain("--atlas ./-x/atlas.nii.gz");
  const commands = printed.match(/voxplain .*$/gm) ?? [];
  expect([...typed, ...commands].join(" ")).not.toMatch(/ -x/);
});

it("a table with the path of such an image names it with escapes", async () => {
  writeFileSync(join(folder.path, "t.tsv"), `participant_id\timage\nsub-01\t"${forged}.nii.gz"\n`);
  const argv = ["predict", modelOf("patch"), "--images", join(folder.path, "t.tsv"), "--use_cpu"];
  const { status, errors } = await voxplain(...argv, "--output_dir", folder.path);
  expect(status).toBe(1);
  expect(errors).toContain("\\u001b[2J");
  expect(errors).not.toMatch(/^voxplain: all is well/m);
});

it("a cell with a tab, a newline or quotes is one cell of a table that is written", () => {
  const bytes = encodeTable(["reason", "n"], [{ reason: 'a\tb\n"c"', n: 1 }]);
  expect(new TextDecoder().decode(bytes)).toBe('reason\tn\n"a\tb\n""c"""\t1\n');
});

const run = (...options: string[]) =>
  voxplain(
    ...[
      "predict",
      modelOf("patch"),
      "--name",
      "x",
      "--diagnoses",
      "AD",
      "--use_cpu",
      "--output_dir",
      folder.path,
    ],
    ...["--caps_dir", join(folder.path, "caps"), "--tsv_path", join(folder.path, "labels"), ...options],
  );

it("a CAPS whose links lead back to themselves leaves out their sessions, and comes to an end", async () => {
  copyImages(folder.path);
  const subjects = join(folder.path, "caps/subjects");
  rmSync(join(subjects, "sub-04"), { recursive: true });
  symlinkSync("sub-04", join(subjects, "sub-04"));
  symlinkSync("..", join(subjects, "sub-99"));
  expect((await run()).status).toBe(3);
  const failed = table(join(resultIn(folder.path, "x", "predictions"), "errors.tsv"));
  expect(failed).toMatchObject([{ participant_id: "sub-04" }]);
  expect((await voxplain("inspect", join(folder.path, "caps"))).status).toBe(0);
});

it("a link of a CAPS to an image elsewhere is followed, as archives have it; an ID never leads out", async () => {
  copyImages(folder.path);
  const image = imageIn(folder.path, "sub-02", "ses-M00");
  const elsewhere = join(folder.path, "archive.nii.gz");
  renameSync(image, elsewhere);
  symlinkSync(elsewhere, image);
  expect((await run()).status).toBe(0);
  const outside = join(folder.path, "outside/ses-M00");
  mkdirSync(dirname(outside), { recursive: true });
  cpSync(join(folder.path, "caps/subjects/sub-01/ses-M00"), outside, { recursive: true });
  writeFileSync(join(folder.path, "labels/AD.tsv"), "participant_id\tsession_id\n../../outside\tses-M00\n");
  const { status, errors } = await run("--overwrite");
  expect([status, errors]).toEqual([
    1,
    expect.stringMatching(/cannot be a participant_id: it would lead to another folder/),
  ]);
  expect(existsSync(outside)).toBe(true);
});
