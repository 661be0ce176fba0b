import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";

export const explorer = fileURLToPath(new URL("../..", import.meta.url));
const root = join(explorer, "../..");

/** The page as it is published. It is built once for all files of tests, until something that goes into it changes. */
export async function buildPage(): Promise<{ readonly folder: string }> {
  const all = join(root, "node_modules/.cache/voxplain-explorer");
  const folder = join(all, digestOfSources());
  if (existsSync(folder)) return { folder };
  mkdirSync(all, { recursive: true });
  for (const name of readdirSync(all)) {
    const old = join(all, name);
    if (Date.now() - statSync(old).mtimeMs > 3_600_000) rmSync(old, { recursive: true, force: true });
  }
  const outDir = mkdtempSync(join(all, "building-"));
  await build({
    root: explorer,
    configFile: join(explorer, "vite.config.ts"),
    logLevel: "error",
    build: { outDir, emptyOutDir: true },
  });
  try {
    renameSync(outDir, folder);
  } catch (error) {
    // Another file of tests was faster.
    if (!existsSync(folder)) throw error;
    rmSync(outDir, { recursive: true });
  }
  return { folder };
}

function digestOfSources(): string {
  const hash = createHash("sha256");
  const packages = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name, "src"));
  const own = ["src", "public", "vite", "offline", "index.html", "vite.config.ts", "package.json"];
  for (const path of [
    ...own.map((name) => join(explorer, name)),
    ...packages,
    join(root, "pnpm-lock.yaml"),
  ]) {
    if (!existsSync(path)) continue;
    for (const file of statSync(path).isDirectory() ? filesBelow(path) : [path]) {
      hash.update(file.slice(root.length)).update(readFileSync(file));
    }
  }
  return hash.digest("hex").slice(0, 20);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort();
}

/** The server of `vite preview`, which `pnpm explorer` starts. */
export async function previewServer(
  folder: string,
  port = 0,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = await preview({
    root: explorer,
    configFile: join(explorer, "vite.config.ts"),
    logLevel: "error",
    build: { outDir: folder },
    preview: { port, host: "127.0.0.1" },
  });
  const address = server.httpServer.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`,
    close: () => server.close(),
  };
}
