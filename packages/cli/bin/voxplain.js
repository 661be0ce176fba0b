#!/usr/bin/env node
try {
  const { main } = await import("../dist/bundled/main.js");
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Its own files cannot be read: too few may be open, say.
  process.stderr.write(`voxplain: it cannot start: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
