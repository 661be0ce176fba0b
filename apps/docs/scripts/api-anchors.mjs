// TypeDoc numbers an anchor when a member of another type has the same letters: `ModelFacts` is #modelfacts-1 beside the method `facts` of
// `Model`. VitePress does not, so that such links would lead nowhere: their number is taken away.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const folder = new URL("../pages/api/", import.meta.url);

export function correctAnchors() {
  for (const path of readdirSync(folder, { recursive: true }).map(String)) {
    if (!path.endsWith(".md")) continue;
    const file = new URL(path.replaceAll("\\", "/"), folder);
    const text = readFileSync(file, "utf8");
    const headings = Array.from(text.matchAll(/^#+ (.*)$/gm), ([, heading]) => heading.toLowerCase());
    const count = (anchor) => headings.filter((heading) => heading.replace(/\(\)$/, "") === anchor).length;
    const linked = text.replaceAll(/\(#([a-z]+)-(\d+)\)/g, (link, anchor, number) =>
      count(anchor) === Number(number) ? `(#${anchor})` : link,
    );
    if (linked !== text) writeFileSync(file, linked);
  }
}
