import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import {
  cleanBeside,
  ioFailure,
  publishFolder,
  recoverResult,
  refuseExisting,
  startResult,
} from "@voxplain/core/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-result-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// /proc says of a new folder that the one above it is not there.
it.runIf(existsSync("/proc/self"))("a folder that the system refuses ends in a sentence", async () => {
  await expect(startResult("/proc/voxplain/fold-0/gradients/x")).rejects.toThrow(
    /^cannot write \/proc\/voxplain\/fold-0\/gradients\/x: the folder that it belongs into does not exist; make it, and run the command again$/,
  );
});

it("a quota that is used up, for which Node has no name, is named, with what to do", () => {
  const { EDQUOT } = constants.errno;
  const error = Object.assign(new Error(), { code: `Unknown system error -${EDQUOT}`, errno: -EDQUOT });
  expect(() => ioFailure("write", "map.npy")(error)).toThrow(
    /^cannot write map\.npy: the disk quota is used up; make room, or choose another place$/,
  );
});

it("a result whose name has 255 bytes is written, replaced and recovered as others are", async () => {
  for (const name of ["x".repeat(255), "ä".repeat(127)]) {
    const path = join(folder, name);
    for (const text of ["older", "newer"]) {
      const result = await startResult(path);
      await result.files.write("map.txt", new TextEncoder().encode(text));
      await result.publish();
      expect(readFileSync(join(path, "map.txt"), "utf8")).toBe(text);
    }
    expect(readdirSync(folder)).toEqual([name]);
    const next = await startResult(path);
    const [hidden = ""] = readdirSync(folder).filter((each) => each.startsWith("."));
    next.discard();
    renameSync(path, join(folder, hidden.replace(".incomplete-", ".replaced-")));
    recoverResult(path);
    expect(readdirSync(folder)).toEqual([name]);
    rmSync(path, { recursive: true });
  }
});

it("an older result is back under its name where the new one cannot take it", async () => {
  const path = join(folder, "AD");
  mkdirSync(path);
  writeFileSync(join(path, "map.npy"), "older");
  const result = await startResult(path);
  // Somebody cleans up hidden folders while the network computes.
  for (const name of readdirSync(folder).filter((each) => each.startsWith("."))) {
    rmSync(join(folder, name), { recursive: true });
  }
  await expect(result.publish()).rejects.toThrow(/^cannot write .*AD/);
  result.discard();
  expect(readdirSync(folder)).toEqual(["AD"]);
  expect(readFileSync(join(path, "map.npy"), "utf8")).toBe("older");
});

it("nothing of the older result is left beside the new one", async () => {
  const path = join(folder, "AD");
  mkdirSync(path);
  const result = await startResult(path);
  await result.files.write("map.npy", new Uint8Array());
  await result.publish();
  expect(readdirSync(folder)).toEqual(["AD"]);
  expect(readdirSync(path)).toEqual(["map.npy"]);
});

it("a signal that comes while the folders above the result are made leaves none of them", async () => {
  const before = process.listeners("exit");
  const starting = startResult(join(folder, "fold-0", "gradients", "AD"));
  for (const listener of process.listeners("exit").filter((each) => !before.includes(each))) listener(0);
  await starting;
  expect(readdirSync(folder)).toEqual([]);
});

describe("a process that was killed", () => {
  /** A hidden name beside AD, made by a process that has ended, on this machine unless another one is named. */
  async function leave(kind: "incomplete" | "replaced" | "removed", host?: string): Promise<string> {
    const live = await startResult(join(folder, "AD"));
    const [own = ""] = readdirSync(folder).filter((name) => name.includes(`.${process.pid}.`));
    live.discard();
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const [machine = "", boot = "", ...rest] = own.split(/[-.]/).slice(3);
    const name = `.AD.${kind}-${host ?? machine}.${boot}.${pid}.1-${rest.at(-1)}`;
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "map.npy"), "older");
    return name;
  }

  it("between the two renames of a replacement has not lost the older result", async () => {
    await leave("replaced");
    expect(() => refuseExisting(join(folder, "AD"), false)).toThrow(/the result exists/);
    expect(() => refuseExisting(join(folder, "AD"), true, ["AD.json"])).toThrow(/it is not an older result/);
    expect(readdirSync(folder)).toEqual(["AD"]);
    expect(readFileSync(join(folder, "AD", "map.npy"), "utf8")).toBe("older");
  });

  it("on another machine has not lost it either, nor where a workflow engine made an empty folder meanwhile", async () => {
    await leave("replaced", "00000000");
    mkdirSync(join(folder, "AD"));
    recoverResult(join(folder, "AD"));
    expect(readFileSync(join(folder, "AD", "map.npy"), "utf8")).toBe("older");
  });

  it("on another machine has its folders left alone, unless it is known to have ended", async () => {
    const name = await leave("incomplete", "00000000");
    expect(cleanBeside(join(folder, "AD"))).toEqual([join(folder, name)]);
    expect(readdirSync(folder)).toEqual([name]);
    expect(cleanBeside(join(folder, "AD"), { ofOthers: true })).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("while it removed the older result does not bring it back", async () => {
    await leave("removed");
    recoverResult(join(folder, "AD"));
    expect(existsSync(join(folder, "AD"))).toBe(false);
  });

  it("leaves nothing behind the next start, which takes nothing that is not its own", async () => {
    const others = [".AD.incomplete-mine", ".AD2.incomplete-0123abcd", "notes"];
    for (const name of others) mkdirSync(join(folder, name));
    const elsewhere = await leave("incomplete", "00000000");
    for (const kind of ["incomplete", "removed"] as const) await leave(kind);
    const live = await startResult(join(folder, "AD"));
    const next = await startResult(join(folder, "AD"));
    const names = readdirSync(folder);
    const hidden = names.filter((name) => !others.includes(name) && name !== elsewhere);
    expect(names).toEqual(expect.arrayContaining([...others, elsewhere]));
    expect(hidden).toHaveLength(2);
    for (const one of [live, next]) one.discard();
    expect(readdirSync(folder).sort()).toEqual([...others, elsewhere].sort());
  });
});

describe.each([
  ["in one step", process.env.PATH],
  ["by two renames, where the system has no program for one step", ""],
])("an older result is replaced %s", (_, programs) => {
  const { PATH } = process.env;
  beforeEach(() => {
    process.env.PATH = programs;
  });
  afterEach(() => {
    process.env.PATH = PATH;
  });
  const path = () => join(folder, "AD");
  const make = (name: string, text: string) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "map.npy"), text);
  };
  const map = () => readFileSync(join(path(), "map.npy"), "utf8");

  it("and nothing is left of it", async () => {
    make("AD", "older");
    make("new", "newer");
    await publishFolder(join(folder, "new"), path(), { fsync: true });
    expect(readdirSync(folder)).toEqual(["AD"]);
    expect(map()).toBe("newer");
  });

  it("also while readers that miss it give it its name back", async () => {
    const reader = `const fs = require("fs"); for (;;) for (const one of fs.readdirSync(".")) if (one.startsWith(".AD.replaced-"))
      try { if (!fs.existsSync("AD")) fs.renameSync(one, "AD") } catch {}`;
    const child = spawn(process.execPath, ["-e", reader], { cwd: folder });
    await new Promise((resolve) => child.once("spawn", resolve));
    make("AD", "0");
    try {
      for (let round = 1; round <= 10; round++) {
        make("new", `${round}`);
        await publishFolder(join(folder, "new"), path(), { fsync: false });
        expect(map()).toBe(`${round}`);
      }
    } finally {
      child.kill();
    }
    expect(readdirSync(folder)).toEqual(["AD"]);
  });

  it("and has its name where that fails", async () => {
    make("AD", "older");
    await expect(publishFolder(join(folder, "new"), path(), { fsync: true })).rejects.toThrow(
      /^cannot write .*AD: /,
    );
    expect(readdirSync(folder)).toEqual(["AD"]);
    expect(map()).toBe("older");
  });
});
