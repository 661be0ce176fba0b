// `node scripts/speed.mjs`: writes the figures of bench/results/speed into the README. The pages of the documentation are made
// from them when the site is built.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { shortTable } from "../apps/docs/scripts/performance.mjs";
import { root, tool } from "./workspace.mjs";

const file = join(root, "README.md");
const text = readFileSync(file, "utf8");
const [before, rest] = text.split(/(?<=<!-- figures: .*? -->\n)/);
const after = rest.slice(rest.indexOf("<!-- end of figures -->"));
writeFileSync(file, `${before}\n${shortTable()}\n\n${after}`);
process.exitCode = tool(["biome", "check", "--write", "README.md"]);
