// `node scripts/figures.mjs [page …]`: makes the figures of tutorials anew, from the commands beside them, long ones too.
import { tool } from "./workspace.mjs";

process.env.VOXPLAIN_WRITE_FIGURES = "1";
process.env.VOXPLAIN_LONG_TESTS = "1";
const pages = process.argv.slice(2);
const chosen = pages.length > 0 ? ["-t", pages.join("|")] : [];
process.exitCode = tool(["vitest", "run", "tests/docs-tutorials.test.ts", ...chosen]);
