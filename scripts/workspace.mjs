// What the scripts share: pnpm through npx, in the version of package.json, and steps with a line of progress.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const { packageManager } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
);

// No prompts, and no telemetry.
const quiet = {
  npm_config_yes: "true",
  npm_config_update_notifier: "false",
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
  DO_NOT_TRACK: "1",
};

function settings(options) {
  const env = { ...process.env, ...quiet, ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }) };
  return { cwd: root, env, stdio: "inherit", shell: process.platform === "win32", ...options };
}

/** Runs a program in the root folder; its output goes where ours goes. Returns its exit status. */
export function run(program, args, options) {
  return spawnSync(program, args, settings(options)).status ?? 1;
}

/** Runs a program beside others. What it prints is kept until it ends, so that their lines do not mix. */
export function runBeside(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, settings({ stdio: ["ignore", "pipe", "pipe"] }));
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(chunk));
    child.on("error", (error) => resolve({ status: 1, output: String(error) }));
    child.on("close", (status) =>
      resolve({ status: status ?? 1, output: Buffer.concat(output).toString("utf8") }),
    );
  });
}

export function pnpm(args, options) {
  return run("npx", ["--yes", packageManager, ...args], options);
}

/** Runs a tool of the workspace. */
export function tool(args, options) {
  return pnpm(["exec", ...args], options);
}

export function toolBeside(args) {
  return runBeside("npx", ["--yes", packageManager, "exec", ...args]);
}

export function install() {
  return pnpm([
    "install",
    "--frozen-lockfile",
    "--prefer-offline",
    "--reporter=append-only",
    "--loglevel=warn",
    // Folders of another pnpm's making are replaced without a question.
    "--config.confirm-modules-purge=false",
  ]);
}
