import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";

export const explorer = fileURLToPath(new URL("../..", import.meta.url));

/** The page as it is published, in a folder that `remove` takes away. */
export async function buildPage(): Promise<{ readonly folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "voxplain-explorer-"));
  await build({
    root: explorer,
    configFile: join(explorer, "vite.config.ts"),
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true },
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The server of `vite preview`, which `pnpm explorer` starts. */
export async function previewServer(
  folder: string,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = await preview({
    root: explorer,
    configFile: join(explorer, "vite.config.ts"),
    logLevel: "error",
    build: { outDir: folder },
    preview: { port: 0, host: "127.0.0.1" },
  });
  const address = server.httpServer.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`,
    close: () => server.close(),
  };
}
