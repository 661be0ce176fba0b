import { field, select } from "../element.ts";
import { recall, remember } from "./remembered.ts";

const key = "voxplain-theme";

/** The choice of a theme, kept for the next visit: `begin.js` applies it. */
export function themeChoice(page: Document): HTMLElement {
  const choose = select(
    [
      { value: "system", label: "System" },
      { value: "light", label: "Light" },
      { value: "dark", label: "Dark" },
    ],
    recall(key) ?? "system",
  );
  choose.addEventListener("change", () => {
    remember(key, choose.value);
    page.documentElement.dataset.theme = choose.value;
  });
  return field("Theme", choose);
}
