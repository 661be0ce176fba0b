// `node scripts/check-links.mjs`: asks for every address that the documents and pages link to, and fails when a server says that one is gone.
// With --list it only prints them, with the documents that have them. Links within the repository and the site are tested by `npm test`.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Stand-ins in examples, and addresses that are no pages. */
const noPage = /^https?:\/\/(localhost|127\.|example\.|[^/]*\.example)|<|\$\{/;

/** Documents by the addresses in them. */
function addresses() {
  const documents = execFileSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" })
    .trim()
    .split("\n");
  // Parts of pages that are made from the code, such as papers of methods, where the site was built.
  const generated = "apps/docs/generated";
  if (existsSync(join(root, generated))) {
    const parts = readdirSync(join(root, generated), { recursive: true }).map(String);
    documents.push(...parts.filter((path) => path.endsWith(".md")).map((path) => `${generated}/${path}`));
  }
  const found = new Map();
  for (const path of documents) {
    const text = readFileSync(join(root, path), "utf8").replaceAll(/^```[\s\S]*?^```$/gm, "");
    for (const [, link] of text.matchAll(/\]\((https?:\/\/(?:[^\s()]|\([^\s()]*\))+)\)/g)) {
      const address = link.replace(/#.*$/, "");
      if (!noPage.test(address)) found.set(address, [...(found.get(address) ?? []), path]);
    }
  }
  return new Map([...found].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** What a server says: "ok", "gone", or why it is not known. Publishers refuse programs: that says nothing about a page. */
async function stateOf(address) {
  try {
    const headers = { "user-agent": "Mozilla/5.0 (link check of the Voxplain documentation)" };
    const { status } = await fetch(address, { headers, signal: AbortSignal.timeout(30_000) });
    if (status === 404 || status === 410) return "gone";
    return status < 400 ? "ok" : `not known: status ${status}`;
  } catch (error) {
    return `not known: ${error.cause?.code ?? error.message}`;
  }
}

const all = addresses();
if (process.argv.includes("--list")) {
  for (const [address, documents] of all) console.log(`${address}\t${[...new Set(documents)].join(" ")}`);
} else {
  const waiting = [...all];
  let gone = 0;
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [address, documents] = next;
      const state = await stateOf(address);
      if (state !== "ok") console.log(`${state}: ${address} (${[...new Set(documents)].join(", ")})`);
      if (state === "gone") gone++;
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  console.log(`${all.size} links, ${gone} gone`);
  process.exitCode = gone > 0 ? 1 : 0;
}
