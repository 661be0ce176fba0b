import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const bin = fileURLToPath(new URL("../bin/voxplain.js", import.meta.url));
const built = existsSync(fileURLToPath(new URL("../dist/main.js", import.meta.url)));
const model = fileURLToPath(new URL("../../../sample/models/random_small", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-interrupted-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts the built program and sends it a signal once its first map is computed. */
function interrupted(signal: NodeJS.Signals): Promise<NodeJS.Signals | null> {
  const argv = ["interpret", "individual", model, "x", "--use_cpu", "--output_dir", join(folder, "results")];
  const child = spawn(process.execPath, [bin, ...argv], { env: { ...process.env, TMPDIR: folder } });
  child.stderr.on("data", (text: Buffer) => {
    if (text.toString().includes("1/7")) child.kill(signal);
  });
  return new Promise((resolve) => child.on("exit", (_, killedBy) => resolve(killedBy)));
}

it("the program is built", () => expect(built, "run the build first").toBe(true));

it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends it with nothing left behind: no half result, no temporary files",
  async (signal) => {
    expect(await interrupted(signal)).toBe(signal);
    expect(readdirSync(folder)).toEqual([]);
  },
);
