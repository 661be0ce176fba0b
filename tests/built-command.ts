import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../packages", import.meta.url));

/**
 * The command as it was built, for tests that start it as a program. What was built of other sources than those of the tests may hang.
 * @throws Error where a package of it is not built, or its sources changed since.
 */
export function builtCommand(): string {
  const stale = staleAmong(["cli"]);
  if (stale.length > 0) {
    throw new Error(
      `tests that start the command need a build: ${stale.join("; ")}. Run npx pnpm@10 build, with --force if no source has changed`,
    );
  }
  return join(packages, "cli/bin/voxplain.js");
}

/** Whether the command was built at all. */
export const isCommandBuilt = existsSync(join(packages, "cli/dist/main.js"));

/** What is not built of packages, and of those of the workspace that they depend on, in sentences. */
export function staleAmong(names: readonly string[]): readonly string[] {
  const needed = new Set(names);
  // What is added to a set while it is gone through is gone through, too.
  for (const name of needed) for (const other of dependenciesOf(name)) needed.add(other);
  return [...needed].flatMap((name) => {
    const [source, compiled, bundled] = ["src", "dist", "dist/bundled"].map((folder) =>
      newestIn(join(packages, name, folder)),
    );
    // Bundles are made last, and are what Node loads.
    const built = bundled ?? compiled;
    if (source === undefined) return [];
    if (built === undefined) return [`packages/${name} is not built`];
    return source > built ? [`dist of packages/${name} is older than its sources`] : [];
  });
}

function dependenciesOf(name: string): readonly string[] {
  const { dependencies = {} } = JSON.parse(readFileSync(join(packages, name, "package.json"), "utf8")) as {
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  return Object.keys(dependencies).flatMap((key) => /^@voxplain\/(.*)/.exec(key)?.[1] ?? []);
}

/** When the newest file below a folder was changed; undefined where there is none. */
function newestIn(folder: string): number | undefined {
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs)
    .reduce<number | undefined>((newest, time) => Math.max(newest ?? time, time), undefined);
}
