import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Keeps what a test measured for the accuracy pages of the documentation, when VOXPLAIN_ACCURACY_DIR
 * names a folder: `<folder>/<table>/<row>.json`. `scripts/accuracy.mjs` writes the pages.
 */
export function recordAccuracy(
  table: string,
  row: string,
  values: Readonly<Record<string, string | number>>,
): void {
  // biome-ignore lint/suspicious/noUndeclaredEnvVars: tests do not run through turbo
  const folder = process.env.VOXPLAIN_ACCURACY_DIR;
  if (folder === undefined || folder === "") return;
  mkdirSync(join(folder, table), { recursive: true });
  // A file for each row: tests run in several processes.
  writeFileSync(
    join(folder, table, `${row.replace(/[^\w.-]+/g, "_")}.json`),
    `${JSON.stringify({ row, ...values })}\n`,
  );
}
