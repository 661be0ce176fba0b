type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element with attributes and children; `true` is an attribute without a value, `false` and undefined none. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    // States of ARIA are words: without one they say nothing.
    created.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : String(value));
  }
  created.append(...children);
  return created;
}

/** A button that does one thing. */
export function button(label: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const created = element("button", { type: "button", ...attributes }, label);
  created.addEventListener("click", onClick);
  return created;
}

/** A control under its label. */
export function field(label: string, control: HTMLElement, ...more: readonly (Node | string)[]): HTMLElement {
  control.id ||= nextId();
  return element("div", { class: "field" }, element("label", { for: control.id }, label), control, ...more);
}

/** A control whose label is for screen readers only, because a heading shows it already. */
export function hiddenLabel<E extends HTMLElement>(label: string, control: E): E {
  control.setAttribute("aria-label", label);
  return control;
}

/** A choice among texts, by value. */
export function select(
  choices: readonly { readonly value: string; readonly label: string }[],
  value = choices[0]?.value,
): HTMLSelectElement {
  const created = element("select");
  setChoices(created, choices, value);
  return created;
}

export function setChoices(
  control: HTMLSelectElement,
  choices: readonly { readonly value: string; readonly label: string }[],
  value = control.value,
): void {
  control.replaceChildren(
    ...choices.map((choice) => element("option", { value: choice.value }, choice.label)),
  );
  if (choices.some((choice) => choice.value === value)) control.value = value;
}

let ids = 0;

/** For labels and descriptions, which name elements by their ids. */
export function nextId(): string {
  return `x${++ids}`;
}
