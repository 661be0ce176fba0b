import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pnpm } from "../workspace.mjs";

/**
 * The other major version of Node that is supported, from its npm package, which pnpm keeps in its store.
 * @param {string} folder - Where it is installed.
 */
export function otherNode(folder) {
  const version = process.versions.node.startsWith("22.") ? "20" : "22";
  const system = { win32: "win" }[process.platform] ?? process.platform;
  const name = `node-${system}-${process.arch}`;
  mkdirSync(folder);
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ private: true, dependencies: { [name]: version } }),
  );
  const log = ["--prefer-offline", "--ignore-workspace", "--reporter=silent", "--config.fetch-retries=1"];
  if (pnpm(["install", ...log], { cwd: folder, stdio: "ignore" }) !== 0) {
    return { version, reason: `npm has no ${name}@${version}, or there is no network` };
  }
  const installed = join(folder, "node_modules", name);
  const path = join(installed, "bin", system === "win" ? "node.exe" : "node");
  if (!existsSync(path)) return { version, reason: `${name} holds no ${path.slice(installed.length + 1)}` };
  return { path, version: JSON.parse(readFileSync(join(installed, "package.json"), "utf8")).version };
}
