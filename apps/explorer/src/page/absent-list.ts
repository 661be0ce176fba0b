import { element } from "../element.ts";
import type { AbsentSession } from "../engine/engine.ts";
import { sentenceFrom } from "./sentences.ts";

export interface AbsentList {
  readonly node: HTMLElement;
  setSessions(sessions: readonly AbsentSession[]): void;
}

/** More rows than anyone reads. */
const mostRows = 300;

/** The sessions without an image that can be explained: how many there are, and on request why. */
export function absentList(): AbsentList {
  const summary = element("summary", {});
  // A list that scrolls is reached by the keyboard.
  const rows = element("ul", {
    class: "absent-rows",
    tabindex: 0,
    "aria-label": "Sessions without an image",
  });
  const more = element("p", { class: "hint" });
  const node = element("details", { class: "absent", hidden: true }, summary, rows, more);
  return {
    node,
    setSessions(sessions) {
      node.hidden = sessions.length === 0;
      summary.textContent = `Without an image: ${sessions.length} session${sessions.length === 1 ? "" : "s"}`;
      rows.replaceChildren(
        ...sessions.slice(0, mostRows).map(({ name, reason }) => {
          return element("li", {}, element("strong", {}, name), " ", sentenceFrom(reason));
        }),
      );
      more.textContent = sessions.length > mostRows ? `${sessions.length - mostRows} more.` : "";
      more.hidden = more.textContent === "";
    },
  };
}
