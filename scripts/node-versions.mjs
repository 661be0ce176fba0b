// Nodes of several major versions, from their npm packages, which pnpm keeps in its store.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pnpm } from "./workspace.mjs";

/** The major versions that are supported, the oldest first. */
export const supportedNodes = ["20", "22", "24"];

/** @typedef {{ readonly version: string, readonly path?: string, readonly reason?: string }} FoundNode */

/** The Node that runs this. @type {FoundNode} */
export const thisNode = { version: process.versions.node, path: process.execPath };

/** @param {FoundNode} node */
export const majorOf = ({ version }) => version.split(".")[0];

/**
 * The newest Node of a major version; without a path, and with the reason, where it cannot be had.
 * @param {string} major
 * @param {string} folder - Where it is installed.
 * @returns {FoundNode}
 */
export function nodeOf(major, folder) {
  if (major === majorOf(thisNode)) return thisNode;
  const system = { win32: "win" }[process.platform] ?? process.platform;
  const name = `node-${system}-${process.arch}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ private: true, dependencies: { [name]: major } }),
  );
  const log = ["--prefer-offline", "--ignore-workspace", "--reporter=silent", "--config.fetch-retries=1"];
  if (pnpm(["install", ...log], { cwd: folder, stdio: "ignore" }) !== 0) {
    return { version: major, reason: `npm has no ${name}@${major}, or there is no network` };
  }
  const installed = join(folder, "node_modules", name);
  const path = join(installed, "bin", system === "win" ? "node.exe" : "node");
  if (!existsSync(path)) {
    return { version: major, reason: `${name} holds no ${path.slice(installed.length + 1)}` };
  }
  return { path, version: JSON.parse(readFileSync(join(installed, "package.json"), "utf8")).version };
}
