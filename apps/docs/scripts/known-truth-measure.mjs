// `node apps/docs/scripts/known-truth-measure.mjs`, in the root of the repository after a build: writes `results/` from the maps here.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commands, kept, methods, rowsOf, tableOf } from "./known-truth-analyses.mjs";

const results = new URL("../../../tests/known-truth/results/", import.meta.url);
const root = mkdtempSync(join(tmpdir(), "known-truth-"));
const rows = Object.fromEntries(Object.keys(kept).map((name) => [name, []]));
for (const [analysis, wordsOf] of Object.entries(commands)) {
  for (const method of methods) {
    const folder = join(root, method);
    mkdirSync(folder, { recursive: true });
    const words = wordsOf(method, folder);
    const { status } = spawnSync(process.execPath, ["packages/cli/bin/voxplain.js", ...words], {
      stdio: "inherit",
    });
    if (status !== 0) process.exit(status ?? 1);
    rows[tableOf[analysis]].push(...rowsOf(analysis, method, folder));
  }
}
rmSync(root, { recursive: true });
mkdirSync(results, { recursive: true });
for (const [name, columns] of Object.entries(kept)) {
  const lines = [columns, ...rows[name].map((row) => columns.map((column) => row[column]))];
  writeFileSync(new URL(name, results), `${lines.map((cells) => cells.join("\t")).join("\n")}\n`);
}
