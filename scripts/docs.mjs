// `npm run docs`: installs, builds every package, and the documentation site from them.
import { install, run, tool } from "./workspace.mjs";

const steps = [
  () => install(),
  () => tool(["turbo", "run", "build", "--output-logs=errors-only"]),
  () => run(process.execPath, ["apps/docs/scripts/build.mjs"]),
];
process.exitCode = steps.some((step) => step() !== 0) ? 1 : 0;
