// Disk calls of every command that writes a result are refused, one or all from there on: many calls, and all of those around the
// replacement of an older result.
import { mkdirSync, readdirSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CallKind, changingCalls, hasDiskFaults } from "./disk-faults.ts";
import { expectEnd, expectSentence } from "./endings.ts";
import { momentsOf, rehearsed, replacementOf, replacements } from "./replacements.ts";

const errors = ["ENOSPC", "EIO", "EACCES", "EDQUOT", "EROFS"] as const;
/** What a disk that is full refuses. */
const ofFullDisk: readonly CallKind[] = ["open", "write", "mkdir", "link", "rename"];
/** As of a disk that becomes read-only, which Linux does with one that reports errors. */
const readOnly = ["EROFS"] as const;

describe.runIf(hasDiskFaults).each(replacements)("$name, refused at its disk calls", (replacement) => {
  const given = rehearsed(replacement);

  it.each([
    ["once", changingCalls, errors, false],
    ["from there on", ofFullDisk, errors, true],
    ["all, from there on", changingCalls, readOnly, true],
  ] as const)(
    "says in one sentence what and what to do, or does without it; a result is whole (%s)",
    { timeout: 3_600_000 },
    (mode, kinds, acts, stays) => {
      const { disk, rehearsal } = given();
      const { argv } = rehearsal;
      const calls = rehearsal.calls.filter((call) => kinds.includes(call.split(" ")[0] as CallKind));
      const ended = { done: 0, refused: 0 };
      const seen = new Set<string>();
      for (const at of momentsOf(calls, 30)) {
        rehearsal.reset();
        const act = acts[at % acts.length] ?? "EIO";
        const run = disk.run(argv, { at, act, kinds, stays });
        const where = `${act} (${constants.errno[act]}) at ${at} of ${calls.length}: ${run.calls[at - 1]}\n${run.errors}`;
        expectSentence(run, where);
        expect([rehearsal.found(), where], where).toEqual([run.status === 0 ? "newer" : "older", where]);
        ended[run.status === 0 ? "done" : "refused"]++;
        const left = [run.status, ...rehearsal.leftovers()].join("\n");
        if (seen.has(left)) continue;
        seen.add(left);
        const next = disk.run(argv);
        expect(next.status, `${where}\n${next.errors}`).toBe(0);
        expect([rehearsal.found(), ...rehearsal.leftovers()], where).toEqual(["newer"]);
      }
      process.stderr.write(
        `${replacement.name}, ${mode}: ${ended.refused} times refused in one sentence, ${ended.done} times done without\n`,
      );
    },
  );
});

describe.runIf(hasDiskFaults).each(replacements)("$name, whose folder of results goes", (replacement) => {
  const given = rehearsed(replacement);

  it("fails in one sentence, unless its result was complete", { timeout: 3_600_000 }, () => {
    const { disk, rehearsal } = given();
    const { argv, calls } = rehearsal;
    const gone = join(disk.folder, "out.gone");
    const ended = { done: 0, refused: 0 };
    for (const at of momentsOf(calls, 20)) {
      rehearsal.reset();
      const { status, signal, errors: said } = disk.run(argv, { at, act: "move" });
      const where = `at ${at} of ${calls.length}: ${calls[at - 1]}\n${said}`;
      expectEnd({ status, signal, errors: said }, where);
      ended[status === 0 ? "done" : "refused"]++;
      if (status === 0) expect([rehearsal.found(), rehearsal.found(gone)], where).toContain("newer");
      else expect([rehearsal.found(), rehearsal.found(gone)], where).toEqual(["nothing", "older"]);
      expect(said.match(/^voxplain: /gm) ?? [], where).toHaveLength(status ?? 0);
    }
    process.stderr.write(
      `${replacement.name}, folder gone: ${ended.refused} times refused in one sentence, ${ended.done} times complete\n`,
    );
    expect(ended.refused).toBeGreaterThan(0);
  });
});

describe.runIf(hasDiskFaults).each(["explain", "interpret group", "predict"].map(replacementOf))(
  "$name, whose temporary files are refused",
  (replacement) => {
    const given = rehearsed(replacement);

    it.each(["once", "from there on"] as const)(
      "says so in one sentence, or does without; a result is whole (%s)",
      { timeout: 3_600_000 },
      (mode) => {
        const { disk, rehearsal } = given();
        const { argv } = rehearsal;
        const below = join(disk.folder, "tmp");
        mkdirSync(below, { recursive: true });
        const options = { env: { TMPDIR: below } };
        rehearsal.reset();
        const { calls } = disk.run(argv, { below }, options);
        const ended = { done: 0, refused: 0 };
        for (const at of momentsOf(calls, 20)) {
          rehearsal.reset();
          const act = errors[at % errors.length] ?? "EIO";
          const run = disk.run(argv, { below, at, act, stays: mode === "from there on" }, options);
          const where = `${act} at ${at} of ${calls.length}: ${run.calls[at - 1]}\n${run.errors}`;
          expectEnd(run, where);
          expect(run.errors.match(/^voxplain: /gm) ?? [], where).toHaveLength(run.status ?? 0);
          if (run.status === 1) expect(run.errors, where).toMatch(/TMPDIR/);
          expect(rehearsal.found(), where).toBe(run.status === 0 ? "newer" : "older");
          ended[run.status === 0 ? "done" : "refused"]++;
        }
        disk.run(argv, { below }, options);
        expect(readdirSync(below)).toEqual([]);
        process.stderr.write(
          `${replacement.name}, temporary files ${mode}: ${ended.refused} times refused in one sentence, ${ended.done} times done\n`,
        );
      },
    );
  },
);
