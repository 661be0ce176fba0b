// A list of more than 64 sessions is computed in blocks of several.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeEach, expect, it } from "vitest";
import { temporaryFolder } from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/onnx/${name}`, import.meta.url));
const folder = temporaryFolder();
const count = 67;

beforeEach(() => {
  const volume = gunzipSync(readFileSync(fixture("volume.nii.gz")));
  const rows = Array.from({ length: count }, (_, k) => {
    const bytes = Buffer.from(volume);
    bytes.writeFloatLE(bytes.readFloatLE(352 + 4 * k) + 1 / 3, 352 + 4 * k);
    writeFileSync(join(folder.path, `${k}.nii.gz`), gzipSync(bytes));
    return `sub-${k}\t${k}.nii.gz\n`;
  });
  // The second of its block, and the first one.
  for (const k of [9, 40]) writeFileSync(join(folder.path, `${k}.nii.gz`), gzipSync(volume.subarray(0, 500)));
  writeFileSync(join(folder.path, "list.tsv"), `participant_id\timage\n${rows.join("")}`);
  mkdirSync(join(folder.path, "out"));
});

const place = (where: string) => ["--output_dir", join(folder.path, "out", where)];
const run = (where: string, ...options: string[]) =>
  voxplain(
    ...["interpret", "group", fixture("volume.onnx"), "x", "--images", join(folder.path, "list.tsv")],
    ...["--target_node", "1", "--method", "input-x-gradient", "--use_cpu", "--threads", "1"],
    ...[...place(where), ...options],
  );

function filesOf(where: string) {
  const result = join(folder.path, "out", where, "gradients/x");
  const names = readdirSync(result).filter((name) => !name.endsWith(".json"));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(result, name), "hex")]));
}

it("with broken sessions gives the same bytes in one run, in parts that are merged, and where it is gone on with", async () => {
  expect((await run("whole")).status).toBe(3);
  for (const part of ["3/3", "1/3", "2/3"]) expect((await run("parts", "--shard", part)).status).toBe(0);
  // 34 blocks of two, the last one of one: each is a file.
  const kept = readdirSync(join(folder.path, "out/parts/gradients/.x.sessions"));
  expect(kept.filter((name) => name.startsWith("block-"))).toHaveLength(34);
  expect(kept.filter((name) => name.startsWith("session-"))).toEqual([]);
  const merged = await voxplain("merge", fixture("volume.onnx"), "x", ...place("parts"));
  expect([merged.errors, merged.status]).toEqual(["", 3]);
  expect(filesOf("parts")).toEqual(filesOf("whole"));

  await run("resumed", "--shard", "2/3");
  const { status, errors } = await run("resumed", "--resume");
  expect(status).toBe(3);
  expect(errors).toMatch(/: 2[0-9] finished before/);
  expect(filesOf("resumed")).toEqual(filesOf("whole"));
});
