import { inThisTab, keptSummary } from "./kept/summary.ts";
import { forgetRemembered } from "./remembered.ts";

/** The first picture is in the page itself. What its buttons need is loaded when one of them is about to be pressed. */
export function showStart(page: Document): void {
  forgetRemembered(inThisTab, "this");
  const summary = keptSummary();
  const again = page.querySelector<HTMLElement>(".start .continue");
  if (again !== null && summary !== undefined) {
    again.hidden = false;
    again.querySelector("a")?.append(` (${summary})`);
  }
  const load = () => void import("./desk.ts");
  for (const link of page.querySelectorAll(".start a.button")) {
    for (const hint of ["pointerenter", "touchstart", "focus"]) {
      link.addEventListener(hint, load, { once: true, passive: true });
    }
  }
}
