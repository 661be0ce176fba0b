// A job may be stopped, gone on with, cut into parts and merged: its result is that of one run.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join, relative } from "node:path";
import { lockResult } from "@voxplain/results";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { copyImages, imageIn, modelOf, table, temporaryFolder } from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

/** What was waited for, in milliseconds. It passes at once here. */
const waited: number[] = [];
/** What others do meanwhile. */
let meanwhile = () => {};
vi.mock("node:timers/promises", () => ({
  setTimeout: async (milliseconds: number) => {
    waited.push(milliseconds);
    meanwhile();
  },
}));
afterEach(() => {
  meanwhile = () => {};
});

const folder = temporaryFolder();
let out = "";
beforeEach(() => {
  out = join(folder.path, "out");
  copyImages(folder.path);
});

const image = (participant: string, session: string) => imageIn(folder.path, participant, session);

type Kind = "group" | "individual" | "predict";

/**
 * The AD sessions: sub-02 ses-M00, sub-01 ses-M18, sub-01 ses-M00, sub-04 ses-M00. Results are in a folder of their own, and
 * have no pictures unless options ask for them.
 */
function run(kind: Kind, where: string, ...options: string[]) {
  const data = ["--caps_dir", join(folder.path, "caps"), "--tsv_path", join(folder.path, "labels")];
  const common = ["--use_cpu", "--threads", "1", "--output_dir", join(out, where), ...data, ...options];
  if (kind === "predict")
    return voxplain("predict", modelOf("patch"), "--name", "x", "--diagnoses", "AD", ...common);
  const pictures = options.includes("--pictures") ? [] : ["--pictures", "none"];
  return voxplain("interpret", kind, modelOf("patch"), "x", ...pictures, ...common);
}

const merge = (where: string, ...options: string[]) =>
  voxplain("merge", modelOf("patch"), "x", "--output_dir", join(out, where), ...options);

const parentOf = (kind: Kind, where: string) =>
  join(out, where, `fold-0/${kind === "predict" ? "predictions" : "gradients"}/best_balanced_accuracy`);

/** Every file of a result but provenance.json, with its bytes; the name of its folder is left out of them. */
function filesOf(kind: Kind, where: string): Record<string, string> {
  const result = join(parentOf(kind, where), "x");
  const files = readdirSync(result, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "provenance.json")
    .map((entry) => join(entry.parentPath, entry.name));
  const bytesOf = (file: string) =>
    file.endsWith(".json")
      ? readFileSync(file, "utf8").replaceAll(join(out, where), "out")
      : readFileSync(file, "hex");
  return Object.fromEntries(files.map((file) => [file.slice(result.length), bytesOf(file)]));
}

describe.each<Kind>(["group", "individual", "predict"])("a job in parts (%s)", (kind) => {
  const drawn = kind === "predict" ? [] : ["--pictures", "all"];

  it("has the files of one run, whatever the number of parts and their order", async () => {
    expect((await run(kind, "whole", ...drawn)).status).toBe(0);
    for (const part of ["3/3", "1/3", "2/3"])
      expect((await run(kind, "parts", ...drawn, "--shard", part)).status).toBe(0);
    const merged = await merge("parts");
    expect(merged.errors).not.toContain("voxplain:");
    expect(merged.status).toBe(0);
    expect(filesOf(kind, "parts")).toEqual(filesOf(kind, "whole"));
    expect(readdirSync(parentOf(kind, "parts"))).toEqual(["x"]);
  });

  it("is not merged while sessions are missing: they are named, and nothing is written", async () => {
    await run(kind, "parts", "--shard", "2/2");
    waited.length = 0;
    const { status, errors } = await merge("parts");
    // For files of other machines to be seen.
    expect(waited).toEqual([5000]);
    expect(status).toBe(1);
    expect(errors).toMatch(
      /2 of 4 sessions are not finished: sub-02 ses-M00, sub-01 ses-M18; run their parts again/,
    );
    expect(existsSync(join(parentOf(kind, "parts"), "x"))).toBe(false);
  });

  it("computes only what is not finished with --resume, and is the same then", async () => {
    await run(kind, "whole", ...drawn);
    await run(kind, "resumed", ...drawn, "--shard", "1/2");
    const { status, errors } = await run(kind, "resumed", ...drawn, "--resume");
    expect(status).toBe(0);
    expect(errors).toContain("2 finished before");
    expect(filesOf(kind, "resumed")).toEqual(filesOf(kind, "whole"));
    const again = await run(kind, "resumed", ...drawn, "--resume");
    expect([again.status, again.output]).toEqual([0, expect.stringContaining("is finished")]);
  });
});

describe("--resume", () => {
  it("is right for a first start", async () => {
    expect((await run("group", "first", "--resume")).status).toBe(0);
  });

  it("refuses sessions of other options, and says which", async () => {
    await run("group", "x", "--shard", "1/2");
    const { status, errors } = await run("group", "x", "--resume", "--method", "input-x-gradient");
    expect(status).toBe(1);
    expect(errors).toMatch(
      /sessions of another job with this name are finished: method: "gradients" before, "input-x-gradient" now/,
    );
  });

  it("refuses an image that changed", async () => {
    await run("group", "x", "--shard", "1/2");
    const path = image("sub-02", "ses-M00");
    writeFileSync(path, readFileSync(image("sub-04", "ses-M00")));
    const { status, errors } = await run("group", "x", "--resume");
    expect(status).toBe(1);
    expect(errors).toMatch(/sub-02 ses-M00: .*the image changed after its session was finished/);
  });

  it("goes on with the same images at another place, from another folder, with the model and the lists elsewhere, too", async () => {
    await run("group", "whole");
    await run("group", "x", "--shard", "1/2");
    const moved = join(folder.path, "moved");
    mkdirSync(moved);
    for (const name of ["caps", "labels"]) renameSync(join(folder.path, name), join(moved, name));
    cpSync(modelOf("patch"), join(moved, "model"), { recursive: true });
    const data = [
      "--caps_dir",
      relative(process.cwd(), join(moved, "caps")),
      "--tsv_path",
      join(moved, "labels"),
    ];
    const common = ["--use_cpu", "--threads", "1", "--pictures", "none", "--resume"];
    const options = [...data, ...common, "--output_dir", join(out, "x")];
    const { status, errors } = await voxplain("interpret", "group", join(moved, "model"), "x", ...options);
    expect(errors).toContain("2 finished before");
    expect(status).toBe(0);
    const [whole, resumed] = [filesOf("group", "whole"), filesOf("group", "x")];
    for (const files of [whole, resumed]) delete files["/commandline.json"];
    expect(resumed).toEqual(whole);
    const again = await voxplain("interpret", "group", join(moved, "model"), "x", ...options);
    expect([again.status, again.output]).toEqual([0, expect.stringContaining("is finished")]);
  });

  it("refuses another list and another image under the name of a result that is complete, and says which", async () => {
    await run("predict", "x");
    const labels = join(folder.path, "labels/AD.tsv");
    const rows = readFileSync(labels, "utf8");
    writeFileSync(labels, rows.trimEnd().split("\n").slice(0, -1).join("\n"));
    const shorter = await run("predict", "x", "--resume");
    expect([shorter.status, shorter.errors]).toEqual([
      1,
      expect.stringMatching(
        /the result of another job has this name: the list of sessions; the labels of the sessions;/,
      ),
    ]);
    writeFileSync(labels, rows);
    writeFileSync(image("sub-02", "ses-M00"), readFileSync(image("sub-04", "ses-M00")));
    const changed = await run("predict", "x", "--resume");
    expect([changed.status, changed.errors]).toEqual([
      1,
      expect.stringMatching(/sub-02 ses-M00: .*the image changed/),
    ]);
    const other = await run("predict", "x", "--resume", "--voting", "uniform");
    expect(other.errors).toMatch(/another job has this name: voting: /);
  });

  it("without it, the finished sessions of the same part are discarded, which is said", async () => {
    await run("individual", "x", "--shard", "1/2");
    await run("individual", "x", "--shard", "2/2");
    const { errors } = await run("individual", "x", "--shard", "2/2");
    expect(errors).toContain("2 finished sessions are discarded (--resume continues with them)");
    expect((await merge("x")).status).toBe(0);
  });
});

describe("--trust_mtime", () => {
  it("takes an image of the same size and time for the same, which its bytes would not be", async () => {
    const path = image("sub-02", "ses-M00");
    utimesSync(path, 1e9, 1e9);
    await run("group", "x", "--shard", "1/2");
    const { atime, mtime } = statSync(path);
    const bytes = readFileSync(path);
    // In the header of gzip: the time, which no program reads.
    bytes[4] = (bytes[4] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    utimesSync(path, atime, mtime);
    expect((await run("group", "x", "--shard", "1/2", "--resume")).errors).toMatch(/the image changed/);
    const trusting = await run("group", "x", "--shard", "1/2", "--resume", "--trust_mtime");
    expect([trusting.status, trusting.output]).toEqual([0, expect.stringContaining("2 of 2 sessions")]);
    utimesSync(path, atime, new Date(mtime.getTime() + 5000));
    const later = await run("group", "x", "--shard", "1/2", "--resume", "--trust_mtime");
    expect([later.status, later.errors]).toEqual([1, expect.stringMatching(/the image changed/)]);
  });
});

describe("two at once under one name", () => {
  it.each(["run", "merge", "shard"] as const)(
    "beside a %s, a whole run is refused before it computes",
    async (kind) => {
      const path = join(parentOf("group", "x"), "x");
      const lock = lockResult(path, { kind });
      const { status, errors } = await run("group", "x");
      lock.release();
      expect(status).toBe(1);
      expect(errors).toMatch(
        /works on this result; wait for it; if it has ended, remove what it left \(--break_lock\)/,
      );
      expect(errors).not.toMatch(/4 sessions/);
      expect(existsSync(path)).toBe(false);
    },
  );

  it("goes on where the other one was on another machine and has ended, with --break_lock", async () => {
    const parent = parentOf("group", "x");
    mkdirSync(parent, { recursive: true });
    const other = { host: "node-17", pid: 1, started: "1", kind: "run" };
    writeFileSync(join(parent, ".x.lock"), JSON.stringify(other));
    expect((await run("group", "x")).errors).toMatch(/a run on node-17 \(process 1\) works on this result/);
    expect((await run("group", "x", "--break_lock")).status).toBe(0);
    expect(readdirSync(parent)).toEqual(["x"]);
  });
});

describe("voxplain merge", () => {
  it("takes sessions of another machine that appear while it waits", async () => {
    await run("group", "whole");
    await run("group", "parts", "--shard", "1/2");
    const sessions = join(parentOf("group", "parts"), ".x.sessions");
    const before = readdirSync(sessions);
    await run("group", "parts", "--shard", "2/2");
    const later = readdirSync(sessions).filter((name) => !before.includes(name));
    expect(later).toHaveLength(2);
    const aside = join(folder.path, "aside");
    mkdirSync(aside);
    for (const name of later) renameSync(join(sessions, name), join(aside, name));
    meanwhile = () => {
      for (const name of later) renameSync(join(aside, name), join(sessions, name));
    };
    waited.length = 0;
    expect(await merge("parts")).toMatchObject({ status: 0 });
    expect(waited).toEqual([5000]);
    expect(filesOf("group", "parts")).toEqual(filesOf("group", "whole"));
  });

  it("warns where parts were computed with other numbers of threads", async () => {
    await run("group", "x", "--shard", "1/2", "--threads", "2");
    await run("group", "x", "--shard", "2/2", "--threads", "1");
    const { status, errors } = await merge("x");
    expect(status).toBe(0);
    expect(errors).toMatch(
      /warning: sessions were computed by different processors .*with 2 threads; .*with 1 thread/,
    );
  });

  it("draws the summary of one run, and nothing where nothing is drawn", async () => {
    const summary = ["--pictures", "summary"];
    expect((await run("individual", "whole", ...summary)).status).toBe(0);
    for (const part of ["2/2", "1/2"]) await run("individual", "parts", ...summary, "--shard", part);
    expect((await merge("parts")).status).toBe(0);
    const whole = filesOf("individual", "whole");
    expect(filesOf("individual", "parts")).toEqual(whole);
    const pictures = Object.keys(whole).filter((file) => file.endsWith(".png"));
    expect(pictures.filter((file) => file.split("/").length === 2)).toEqual(["/recomposed.png"]);
    expect(pictures).toHaveLength(5);
    expect(Object.keys(whole).filter((file) => file.endsWith(".under"))).toEqual([]);
    await run("group", "none", "--pictures", "none");
    expect(Object.keys(filesOf("group", "none")).filter((file) => /png|jpg/.test(file))).toEqual([]);
    const changed = await run("group", "none", "--pictures", "all", "--resume");
    expect(changed.errors).toMatch(/another job has this name: pictures: "none" before, "all" now/);
  });

  it("gives the checks of one run", async () => {
    const checks = ["--checks", "completeness", "deletion-insertion", "--method", "integrated-gradients"];
    const options = [...checks, "--method_options", "steps=2"];
    expect((await run("group", "whole", ...options)).status).toBe(0);
    for (const part of ["2/2", "1/2"]) await run("group", "parts", ...options, "--shard", part);
    expect((await merge("parts")).status).toBe(0);
    const whole = filesOf("group", "whole");
    expect(Object.keys(whole)).toContain("/checks.tsv");
    expect(filesOf("group", "parts")).toEqual(whole);
  });
});

describe("a process that was killed", () => {
  /** All sessions are finished, and an older result of the same options has the name. */
  async function beforePublishing() {
    await run("individual", "x");
    const parent = parentOf("individual", "x");
    renameSync(join(parent, "x"), join(folder.path, "older"));
    await run("individual", "x", "--shard", "1/1");
    renameSync(join(folder.path, "older"), join(parent, "x"));
    return parent;
  }

  it("before its result had its name goes on with --resume, and does not take the older one for its own", async () => {
    await run("individual", "whole");
    await beforePublishing();
    const refused = await run("individual", "x", "--resume");
    expect([refused.status, refused.errors]).toEqual([1, expect.stringMatching(/the result exists/)]);
    expect((await run("individual", "x", "--resume", "--overwrite")).status).toBe(0);
    const options = expect.stringContaining('"overwrite"');
    const whole = { ...filesOf("individual", "whole"), "/commandline.json": options };
    expect(filesOf("individual", "x")).toEqual(whole);
  });

  it("after that, leaves sessions that no result is made of without maps", async () => {
    await run("individual", "whole");
    const parent = await beforePublishing();
    const sessions = join(parent, ".x.sessions");
    writeFileSync(join(sessions, "publishing"), "");
    rmSync(join(parent, "x"), { recursive: true });
    cpSync(join(parentOf("individual", "whole"), "x"), join(parent, "x"), { recursive: true });
    rmSync(join(sessions, "result"), { recursive: true });
    const merged = await merge("x", "--overwrite");
    expect(merged.status).toBe(0);
    expect(readdirSync(parent)).toEqual(["x"]);
    expect(Object.keys(filesOf("individual", "x"))).toEqual(Object.keys(filesOf("individual", "whole")));
  });

  it("and lost files of a session: no result is made without them", async () => {
    await run("individual", "x", "--shard", "1/1");
    const files = join(parentOf("individual", "x"), ".x.sessions/result");
    const [map = ""] = readdirSync(files, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith("map.npy"),
    );
    rmSync(join(files, map));
    const { status, errors } = await merge("x");
    expect([status, errors]).toEqual([
      1,
      expect.stringMatching(/the session is finished, and a file of it is gone/),
    ]);
    expect(existsSync(join(parentOf("individual", "x"), "x"))).toBe(false);
  });
});

describe("broken sessions", () => {
  it("are left out by default, and the status of the whole is 3; that of a part is 0", async () => {
    truncateSync(image("sub-02", "ses-M00"), 700);
    rmSync(image("sub-04", "ses-M00"));
    expect((await run("individual", "whole")).status).toBe(3);
    for (const part of ["2/2", "1/2"])
      expect((await run("individual", "parts", "--shard", part)).status).toBe(0);
    expect((await merge("parts")).status).toBe(3);
    expect(filesOf("individual", "parts")).toEqual(filesOf("individual", "whole"));
    const errors = table(join(parentOf("individual", "parts"), "x", "errors.tsv"));
    expect(errors.map((row) => row.participant_id)).toEqual(["sub-02", "sub-04"]);
  });

  it("may be a whole part: it ends with 0, and its sessions count as skipped", async () => {
    truncateSync(image("sub-02", "ses-M00"), 700);
    for (const part of ["1/4", "2/4", "3/4", "4/4"]) {
      expect((await run("group", "parts", "--shard", part)).status).toBe(0);
    }
    expect((await merge("parts")).status).toBe(3);
  });

  it("end with 1 where none is left", async () => {
    for (const one of ["sub-02", "sub-04"]) truncateSync(image(one, "ses-M00"), 700);
    const rows = "participant_id\tsession_id\nsub-02\tses-M00\nsub-04\tses-M00\n";
    writeFileSync(join(folder.path, "labels/AD.tsv"), rows);
    const { status, errors } = await run("group", "x");
    expect(status).toBe(1);
    expect(errors).toMatch(/none of the 2 sessions can be used; the first: sub-02 ses-M00/);
  });
});

describe("--shard", () => {
  it("ends with 0 where a part is empty, and with 2 where there is no such part", async () => {
    const empty = await run("group", "x", "--shard", "1/8");
    expect([empty.status, empty.output]).toEqual([
      0,
      expect.stringContaining("0 of 0 sessions are finished"),
    ]);
    for (const part of ["0/2", "3/2", "1", "a/b", "1/0"]) {
      expect((await run("group", "x", "--shard", part)).status).toBe(2);
    }
  });

  it("accepts an empty folder under the name of the result", async () => {
    mkdirSync(join(parentOf("group", "x"), "x"), { recursive: true });
    expect((await run("group", "x")).status).toBe(0);
  });
});

describe("voxplain status", () => {
  const statusOf = (where: string, ...options: string[]) =>
    voxplain("status", modelOf("patch"), "x", "--output_dir", join(out, where), ...options);

  it("says who works on a job: before its first session, and beside those that are finished", async () => {
    const path = join(parentOf("group", "x"), "x");
    const me = `on ${hostname()} (process ${process.pid})`;
    const shard = lockResult(path, { kind: "shard", shard: "2/2" });
    const started = await statusOf("x");
    expect([started.status, started.output]).toEqual([
      0,
      `${path}:\n  running: part 2/2 ${me}\n  no session is finished yet\n`,
    ]);
    await run("group", "x", "--shard", "1/2");
    expect((await statusOf("x")).output).toMatch(
      / {2}running: part 2\/2 on .*\n {2}finished: 2 of 4 sessions\n/,
    );
    shard.release();
    const whole = lockResult(path, { kind: "run" });
    expect((await statusOf("x")).output).toContain(`  running: run ${me}\n  finished: 2 of 4`);
    whole.release();
    expect((await statusOf("x")).output).not.toContain("running");
  });

  it("and voxplain merge want to know which job is meant (--job) where interpret and predict have one of this name", async () => {
    await run("individual", "x", "--shard", "1/1");
    await run("predict", "x", "--shard", "1/1");
    for (const { status, errors } of [await statusOf("x"), await merge("x")]) {
      expect(status).toBe(2);
      expect(errors).toMatch(
        /there is a job "x" of interpret and one of predict; say which .*\(--job interpret or --job predict\)/,
      );
    }
    expect((await statusOf("x", "--job", "predict")).output).toMatch(
      /^.*predictions.*:\n {2}finished: 4 of 4/,
    );
    expect((await statusOf("x", "--job", "interpret")).output).toMatch(
      /^.*gradients.*:\n {2}finished: 4 of 4/,
    );
    expect((await statusOf("x", "--job", "explain")).status).toBe(2);
    expect((await merge("x", "--job", "predict")).output).toContain(
      `${join(parentOf("predict", "x"), "x")}\n`,
    );
    expect(readdirSync(parentOf("predict", "x"))).toEqual(["x"]);
    expect(readdirSync(parentOf("individual", "x"))).toEqual([".x.sessions"]);
  });

  it("counts finished, skipped and missing sessions", async () => {
    truncateSync(image("sub-02", "ses-M00"), 700);
    await run("group", "x", "--shard", "1/2");
    const { status, output } = await statusOf("x");
    expect(status).toBe(0);
    expect(output).toMatch(
      /finished: 1 of 4 sessions\n {2}skipped: 1\n {4}sub-02 ses-M00: .*\n {2}missing: 2, about/,
    );
    expect(output).toMatch(/on the disk: \d+\.\d [kM]B/);
  });

  it("says of a complete result who is in it and who was skipped, and whether another job will replace it", async () => {
    const broken = image("sub-02", "ses-M00");
    const intact = readFileSync(broken);
    truncateSync(broken, 700);
    await run("predict", "x");
    expect((await statusOf("x")).output).toMatch(
      /:\n {2}the result is complete: 3 sessions\n {2}skipped: 1\n {4}sub-02 ses-M00: .*\n$/,
    );
    writeFileSync(broken, intact);
    await run("predict", "x", "--overwrite", "--shard", "1/2");
    expect((await statusOf("x")).output).toMatch(
      / {2}an older result has this name until the job is complete\n {2}finished: 2 of 4 sessions\n/,
    );
  });

  it("removes nothing: no damaged file, and no lock that somebody left", async () => {
    await run("group", "x", "--shard", "1/2");
    const sessions = join(parentOf("group", "x"), ".x.sessions");
    const [session = ""] = readdirSync(sessions).filter((name) => name.startsWith("session-"));
    truncateSync(join(sessions, session), 20);
    const left = { host: hostname(), pid: 999_999_999, started: "1", kind: "shard", shard: "2/2" };
    writeFileSync(join(sessions, "worker-00.json"), JSON.stringify(left));
    const before = readdirSync(sessions).sort();
    const { status, output } = await statusOf("x");
    expect([status, output]).toEqual([0, expect.stringContaining("finished: 1 of 4")]);
    expect(output).not.toContain("running");
    expect(readdirSync(sessions).sort()).toEqual(before);
  });
});
