/** The first picture is in the page itself. What its buttons need is loaded when one of them is about to be pressed. */
export function showStart(page: Document): void {
  const load = () => void import("./desk.ts");
  for (const link of page.querySelectorAll(".start a.button")) {
    for (const hint of ["pointerenter", "touchstart", "focus"]) {
      link.addEventListener(hint, load, { once: true, passive: true });
    }
  }
}
