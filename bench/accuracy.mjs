// node bench/accuracy.mjs [NETWORK …]: gradients on unselected inputs, beside PyTorch in float64 and float32.
// Writes bench/results/accuracy/*.json; `node scripts/accuracy.mjs` makes the pages of the documentation from them.
import { tool } from "../scripts/workspace.mjs";

const networks = process.argv.slice(2);
if (networks.length > 0) process.env.VOXPLAIN_ACCURACY_NETWORKS = networks.join(",");
process.exitCode = tool(["vitest", "run", "--config", "bench/accuracy/vitest.config.ts"]);
