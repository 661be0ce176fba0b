import { field, select } from "../element.ts";
import { recall, remember } from "./remembered.ts";

/** Light, dark, or what the system wants; kept for the next visit. */
export function themeChoice(page: Document): HTMLElement {
  const key = "voxplain-theme";
  const choose = select(
    [
      { value: "system", label: "System" },
      { value: "light", label: "Light" },
      { value: "dark", label: "Dark" },
    ],
    recall(key) ?? "system",
  );
  const apply = () => {
    page.documentElement.dataset.theme = choose.value;
    remember(key, choose.value);
  };
  choose.addEventListener("change", apply);
  apply();
  return field("Theme", choose);
}
