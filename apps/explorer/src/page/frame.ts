import { element, nextId } from "../element.ts";
import { themeChoice } from "./theme.ts";

/** The page's parts at their places. */
export function frame(
  page: Document,
  openers: HTMLElement,
  side: readonly HTMLElement[],
  main: HTMLElement,
  status: HTMLElement,
): readonly HTMLElement[] {
  const top = element(
    "header",
    { class: "top" },
    element("img", { src: "./icon.svg", alt: "", width: 24, height: 24 }),
    element("h1", {}, "Voxplain Explorer"),
    element("span", { class: "privacy" }, "Nothing leaves this machine"),
    openers,
    themeChoice(page),
  );
  const settings = element("aside", { class: "side", "aria-label": "What is explained, and how" }, ...side);
  return [top, element("div", { class: "workspace" }, settings, main), status];
}

/** A titled part of the side. */
export function section(title: string, content: HTMLElement, ...tools: readonly HTMLElement[]): HTMLElement {
  const heading = element("h2", { id: nextId() }, title);
  const head = element("div", { class: "section-head" }, heading, ...tools);
  return element("section", { "aria-labelledby": heading.id }, head, content);
}
