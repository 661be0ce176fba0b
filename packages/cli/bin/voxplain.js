#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";

// Without this the engine gives objects ever more room while a job goes on, up to 60 MB for what takes 20.
const limitRoom = () => {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=20");
};
try {
  limitRoom();
  // A thread that starts takes the first back.
  process.on("worker", (worker) => worker.once("online", limitRoom));
} catch {
  // Another engine, which has other limits.
}
try {
  const { main } = await import("../dist/bundled/main.js");
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Its own files cannot be read: too few may be open, say.
  process.stderr.write(`voxplain: it cannot start: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
