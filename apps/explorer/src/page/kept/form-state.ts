/** What controls say, by their names, in the order of the page. */
export type FormState = readonly (readonly [name: string, value: string])[];

type Control = HTMLInputElement | HTMLSelectElement;

/** The controls of a part of the page; files that were chosen are no state that a page may set. */
export function formState(part: ParentNode): FormState {
  return controlsOf(part).flatMap((control) => {
    if (control.type === "radio" && textOf(control) === "") return [];
    return [[nameOf(control), textOf(control)] as const];
  });
}

/** Sets the controls as they were, as far as they are there: some appear only when another was set. */
export function restoreForm(part: ParentNode, state: FormState): void {
  for (const [name, value] of state) {
    const control = controlsOf(part).find((one) => nameOf(one) === name);
    if (control === undefined || textOf(control) === value) continue;
    if (control instanceof HTMLSelectElement) {
      if (![...control.options].some((option) => option.value === value)) continue;
      control.value = value;
    } else if (control.type === "checkbox") control.checked = value === "true";
    else if (control.type === "radio") control.checked = value === "chosen";
    else control.value = value;
    for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true }));
  }
}

function controlsOf(part: ParentNode): Control[] {
  return [...part.querySelectorAll<Control>("input, select")].filter(({ type }) => type !== "file");
}

function textOf(control: Control): string {
  if (control.type === "radio") return (control as HTMLInputElement).checked ? "chosen" : "";
  return control.type === "checkbox" ? String((control as HTMLInputElement).checked) : control.value;
}

/** As screen readers name it; radio buttons, whose values hold of one visit only, by the names in their rows. */
function nameOf(control: Control): string {
  if (control.type === "radio") return control.labels?.[0]?.querySelector(".name")?.textContent ?? "";
  return control.getAttribute("aria-label") ?? control.labels?.[0]?.firstChild?.textContent?.trim() ?? "";
}
