// Run in the page: they may use nothing from outside.

/** Visible controls that a screen reader has no name for. */
export function namelessControls(): string[] {
  const isNamed = (control: Element) => {
    const label = control.getAttribute("aria-label") ?? control.getAttribute("aria-labelledby");
    const labels = "labels" in control ? (control as HTMLInputElement).labels : null;
    const own = control.matches("button, summary, a") ? control.textContent : "";
    return [label, own, ...Array.from(labels ?? [], (found) => found.textContent)].some((text) =>
      text?.trim(),
    );
  };
  const controls = document.querySelectorAll("button, input, select, summary, canvas, progress, a[href]");
  return [...controls].filter((control) => !isNamed(control)).map(({ outerHTML }) => outerHTML.slice(0, 120));
}

/** Texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3); disabled controls may be. */
export function faintTexts(): string[] {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  const rgba = (colour: string) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour: readonly number[]) => {
    const [r, g, b] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const behind = (start: Element) => {
    for (let at: Element | null = start; at !== null; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return rgba(getComputedStyle(document.documentElement).backgroundColor);
  };
  const found: string[] = [];
  for (const shown of document.querySelectorAll("body *")) {
    const hasText = [...shown.childNodes].some(
      ({ nodeType, textContent }) => nodeType === 3 && textContent?.trim(),
    );
    const isControl = shown.matches("select, input");
    if ((!hasText && !isControl) || !shown.checkVisibility() || shown.closest(":disabled, option")) continue;
    const [a, b] = [luminance(rgba(getComputedStyle(shown).color)), luminance(behind(shown))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.push(`${contrast.toFixed(2)}: ${shown.textContent.slice(0, 60)}`);
  }
  return found;
}

/** Visible controls that the tab key should reach; of a group of radio buttons, one. */
export function controlCount(): number {
  const controls = document.querySelectorAll<HTMLInputElement>("button, input, select, summary, canvas");
  return [...controls].filter(
    (control) =>
      control.checkVisibility() && !control.disabled && (control.type !== "radio" || control.checked),
  ).length;
}
