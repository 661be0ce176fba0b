// Package managers that install the packages outside the workspace, each in its own way.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packageManager, root } from "../workspace.mjs";

const yaml = (entries) => Object.entries(entries).map(([key, value]) => `  "${key}": "${value}"`);

/**
 * @typedef {object} Manager
 * @property {string} name
 * @property {(tarballs: Readonly<Record<string, string>>) => Readonly<Record<string, unknown>>} [manifest] - Its fields.
 * @property {(path: string, tarballs: Readonly<Record<string, string>>) => void} [prepare]
 * @property {readonly string[]} version - The command that prints its version.
 * @property {readonly string[]} install
 * @property {(path: string) => readonly string[]} [nodeOptions] - What Node needs to find the packages.
 */

const yarn4 = ["npx", "--yes", "--package=@yarnpkg/cli-dist@4", "yarn"];

/** @param {"node-modules" | "pnp"} linker @returns {Manager} */
const berry = (linker) => ({
  name: `Yarn (${linker === "pnp" ? "Plug'n'Play" : linker})`,
  manifest: (tarballs) => ({ resolutions: tarballs }),
  prepare(path) {
    const settings = [
      `nodeLinker: ${linker}`,
      "enableScripts: false",
      "enableTelemetry: false",
      "enableGlobalCache: true",
      "enableImmutableInstalls: false",
    ];
    writeFileSync(join(path, ".yarnrc.yml"), `${settings.join("\n")}\n`);
    // Otherwise Yarn takes a folder above for its project.
    writeFileSync(join(path, "yarn.lock"), "");
  },
  version: [...yarn4, "--version"],
  install: [...yarn4, "install"],
  ...(linker === "pnp" && {
    nodeOptions: (path) => [
      ...["--require", join(path, ".pnp.cjs")],
      ...["--experimental-loader", pathToFileURL(join(path, ".pnp.loader.mjs")).href],
    ],
  }),
});

/** @type {readonly Manager[]} */
export const managers = [
  {
    name: "npm",
    version: ["npm", "--version"],
    install: ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
  },
  {
    name: "pnpm",
    prepare(path, tarballs) {
      const workspace = ["packages: []", "overrides:", ...yaml(tarballs), ""];
      writeFileSync(join(path, "pnpm-workspace.yaml"), workspace.join("\n"));
    },
    version: ["npx", "--yes", packageManager, "--version"],
    install: ["npx", "--yes", packageManager, "install", "--ignore-scripts", "--prefer-offline"],
  },
  {
    name: "Yarn classic",
    manifest: (tarballs) => ({ resolutions: tarballs }),
    version: ["npx", "--yes", "yarn@1", "--version"],
    // Its cache takes a tarball of the same name and version for the same: that of an earlier state.
    install: [
      ...["npx", "--yes", "yarn@1", "install", "--ignore-scripts", "--no-lockfile", "--non-interactive"],
      ...["--cache-folder", ".yarn-cache"],
    ],
  },
  berry("node-modules"),
  berry("pnp"),
];

/** Installs programs of npm into a folder; gives the path of a file in it. */
export function toolsFolder(folder, run, packages) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: packages }));
  const { status, output } = run(
    ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
    folder,
  );
  if (status !== 0) throw new Error(output);
  return (...names) => join(folder, "node_modules", ...names);
}

/** The TypeScript of the workspace. */
export const typescript = join(root, "node_modules/typescript/bin/tsc");
