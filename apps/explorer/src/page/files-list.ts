import { element } from "../element.ts";
import type { Opened } from "../engine/engine.ts";
import { sentenceFrom } from "./sentences.ts";

export interface FilesList {
  readonly node: HTMLElement;
  /** Puts what was opened above what was opened before. */
  add(name: string, opened: Pick<Opened, "understood" | "others" | "problems">): void;
  clear(): void;
}

/** Names that are shown of many. */
const mostNames = 4;

/** What was understood of the files that were opened, and what was not. */
export function filesList(): FilesList {
  const rows = element("div", { class: "opened" });
  const node = element("div", { class: "stack", hidden: true }, rows);
  return {
    node,
    add(name, { understood, others, problems }) {
      const row = (kind: "used" | "unused", label: string, text: string) =>
        element(
          "li",
          { class: kind },
          element("span", { class: "mark", "aria-hidden": true }, kind === "used" ? "✓" : "✕"),
          element("span", {}, element("strong", {}, label), " ", text),
        );
      const items = [
        ...understood.map(({ as, paths }) => row("used", as, namesOf(paths))),
        ...problems.map((problem) => row("unused", "not used", sentenceFrom(problem))),
        ...(others.length > 0 ? [row("unused", "of no known kind", namesOf(others))] : []),
      ];
      rows.prepend(element("h3", {}, name), element("ul", {}, ...items));
      node.hidden = false;
    },
    clear() {
      rows.replaceChildren();
      node.hidden = true;
    },
  };
}

function namesOf(paths: readonly string[]): string {
  const names = paths.slice(0, mostNames).map((path) => path.slice(path.lastIndexOf("/") + 1));
  return `${names.join(", ")}${paths.length > mostNames ? ` and ${paths.length - mostNames} more` : ""}`;
}
