// Real disks that are full, have a quota or are read-only. They are mounted where results go, which takes root.
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultyDisk, hasDiskFaults, type ProgramOptions } from "./disk-faults.ts";
import { expectSentence } from "./endings.ts";
import { rehearsed, replacements } from "./replacements.ts";

const megabytes = 64;
/** A user for whom quotas count. */
const nobody = 65534;

/** A disk of this machine that refuses something. */
interface RealDisk {
  readonly name: string;
  /** Mounts it at a folder that is there. @returns Whether this machine can do that. */
  mount(folder: string, scratch: string): boolean;
  readonly program?: ProgramOptions;
  /** Whose files are there. */
  readonly owner?: number;
}

const succeeds = (program: string, ...argv: readonly string[]) =>
  spawnSync(program, argv, { stdio: "ignore" }).status === 0;

const disks: readonly RealDisk[] = [
  {
    name: "a full disk in memory (tmpfs)",
    mount: (folder) => succeeds("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder),
  },
  {
    name: "a full disk (ext4)",
    mount(folder, scratch) {
      const image = join(scratch, "disk.img");
      return (
        succeeds("truncate", "--size", `${megabytes}M`, image) &&
        succeeds("mkfs.ext4", "-q", "-m", "0", image) &&
        succeeds("mount", "-o", "loop", image, folder)
      );
    },
  },
  {
    name: "a quota that is used up (tmpfs)",
    mount: (folder) =>
      succeeds(
        ...["mount", "-t", "tmpfs"],
        ...["-o", `size=${4 * megabytes}m,usrquota,usrquota_block_hardlimit=${megabytes}m`, "tmpfs", folder],
      ),
    program: { before: ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"] },
    owner: nobody,
  },
];

const isRoot = process.getuid?.() === 0;

describe.runIf(hasDiskFaults && isRoot).each(disks)("on $name", (real) => {
  describe.each(replacements)("$name", (replacement) => {
    const given = rehearsed(replacement);
    const { mounted } = onDisk(given, real);

    it("says in one sentence that there is no room, or does without; a result is whole", {
      timeout: 3_600_000,
    }, (context) => {
      if (!mounted()) return context.skip("this machine cannot mount it");
      const { disk, rehearsal } = given();
      const { argv } = rehearsal;
      const out = join(disk.folder, "out");
      const filler = join(out, "filler");
      const ended = { done: 0, refused: 0 };
      for (let free = 0; ended.done < 2; free = Math.ceil(Math.max(8 * 1024, free * 1.4) / 4096) * 4096) {
        rehearsal.reset();
        hand(out, real);
        fill(filler, free, real);
        const run = disk.run(argv, {}, real.program);
        rmSync(filler);
        const where = `${free} bytes free\n${run.errors}`;
        expectSentence(run, where);
        expect(rehearsal.found(), where).toBe(run.status === 0 ? "newer" : "older");
        ended[run.status === 0 ? "done" : "refused"]++;
        const next = disk.run(argv, {}, real.program);
        expect(next.status, `${where}\n${next.errors}`).toBe(0);
        expect([rehearsal.found(), ...rehearsal.leftovers()], where).toEqual(["newer"]);
      }
      process.stderr.write(
        `${replacement.name} on ${real.name}: ${ended.refused} times refused in one sentence, ${ended.done} times done\n`,
      );
      expect(ended.refused).toBeGreaterThan(0);
    });
  });
});

describe.runIf(hasDiskFaults && isRoot).each(replacements)("on a read-only mount, $name", (replacement) => {
  const given = rehearsed(replacement);

  it("says so in one sentence, and leaves the older result", (context) => {
    const { disk, rehearsal } = given();
    const out = join(disk.folder, "out");
    rehearsal.reset();
    if (!succeeds("mount", "--bind", out, out)) return context.skip("this machine cannot mount it");
    try {
      expect(succeeds("mount", "-o", "remount,bind,ro", out)).toBe(true);
      const run = disk.run(rehearsal.argv);
      expectSentence(run, run.errors);
      expect([run.status, rehearsal.found()]).toEqual([1, "older"]);
      expect(run.errors).toMatch(/the file system is read-only/);
    } finally {
      expect(succeeds("umount", out)).toBe(true);
    }
  });
});

/** Mounts a disk where results go before the tests of a group. */
function onDisk(given: () => { readonly disk: FaultyDisk }, real: RealDisk): { mounted(): boolean } {
  let isMounted = false;
  const out = () => join(given().disk.folder, "out");
  beforeAll(() => {
    chmodSync(given().disk.folder, 0o755);
    isMounted = real.mount(out(), given().disk.folder);
  });
  // Before the folder is removed.
  afterAll(() => {
    if (isMounted) expect(succeeds("umount", out())).toBe(true);
  });
  return { mounted: () => isMounted };
}

/** Gives what is there to who runs the program. */
function hand(folder: string, { owner }: RealDisk): void {
  if (owner !== undefined) expect(succeeds("chown", "--recursive", `${owner}:${owner}`, folder)).toBe(true);
}

/** Leaves so many bytes of a disk, or of a quota. */
function fill(filler: string, free: number, { owner }: RealDisk): void {
  writeFileSync(filler, "");
  if (owner !== undefined) chownSync(filler, owner, owner);
  const { bavail, bsize } = statfsSync(filler);
  const room = owner === undefined ? bavail * bsize : megabytes * 2 ** 20 - usedBy(filler);
  const bytes = Math.max(0, room - free);
  if (bytes > 0) expect(succeeds("fallocate", "--length", String(bytes), filler)).toBe(true);
}

/** What a quota counts: blocks of everything below the folder of a file. */
function usedBy(file: string): number {
  const { stdout } = spawnSync("du", ["--summarize", "--block-size=1", join(file, "..")], {
    encoding: "utf8",
  });
  expect(existsSync(file)).toBe(true);
  return Number.parseInt(stdout, 10);
}
