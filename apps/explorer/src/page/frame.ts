import { element, nextId } from "../element.ts";
import { themeChoice } from "./theme.ts";

export interface FrameParts {
  /** Buttons that open files. */
  readonly openers: HTMLElement;
  /** What is explained, and how. */
  readonly side: readonly HTMLElement[];
  /** Buttons that start something; on narrow pages they stay on the screen. */
  readonly actions: HTMLElement;
  readonly main: HTMLElement;
  readonly status: HTMLElement;
}

/** The desk's parts at their places. */
export function frame(
  page: Document,
  parts: FrameParts,
): readonly [top: HTMLElement, side: HTMLElement, dock: HTMLElement, main: HTMLElement] {
  const home = element(
    "a",
    { href: "./", class: "home", title: "To the first picture" },
    element("img", { src: "./icon.svg", alt: "", width: 24, height: 24 }),
    element("h1", {}, "Voxplain Explorer"),
  );
  const top = element(
    "header",
    { class: "top" },
    home,
    element("span", { class: "privacy" }, "Nothing leaves this machine"),
    parts.openers,
    themeChoice(page),
  );
  const side = element("aside", { class: "side", "aria-label": "What is explained, and how" }, ...parts.side);
  return [top, side, element("div", { class: "dock" }, parts.actions, parts.status), parts.main];
}

/** A titled part of the side. */
export function section(title: string, content: HTMLElement, ...tools: readonly HTMLElement[]): HTMLElement {
  const heading = element("h2", { id: nextId() }, title);
  const head = element("div", { class: "section-head" }, heading, ...tools);
  return element("section", { "aria-labelledby": heading.id }, head, content);
}
