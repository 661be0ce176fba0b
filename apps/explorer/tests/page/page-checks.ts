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
  const controls = document.querySelectorAll(
    "button, input, select, summary, canvas:not([aria-hidden=true]), progress, a[href]",
  );
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

/** Controls that are smaller than 24 × 24 pixels and not within a label or a line of text. */
export function smallTargets(): string[] {
  return [...document.querySelectorAll<HTMLElement>("button, input, select, summary, a[href]")]
    .filter((control) => control.checkVisibility() && control.closest("label") === null)
    .filter((control) => {
      const { width, height } = control.getBoundingClientRect();
      return width < 24 || height < 24;
    })
    .map((control) => control.outerHTML.slice(0, 120));
}

/** Visible controls that the tab key should reach; of a group of radio buttons, one. */
export function controlCount(): number {
  const controls = document.querySelectorAll<HTMLInputElement>(
    "button, input, select, summary, canvas:not([aria-hidden=true])",
  );
  return [...controls].filter(
    (control) =>
      control.checkVisibility() && !control.disabled && (control.type !== "radio" || control.checked),
  ).length;
}

/** Shares of the pixels in parts of a picture that are grey, as tissue is, and of a strong colour, as a map is. */
export async function pixelShares({
  picture,
  places,
}: {
  /** PNG in base64. */
  readonly picture: string;
  /** Left, top, width and height, as shares of the picture's. */
  readonly places: Readonly<Record<string, readonly [number, number, number, number]>>;
}): Promise<Record<string, { readonly grey: number; readonly coloured: number }>> {
  const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes]));
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d")!;
  context.drawImage(image, 0, 0);
  const sharesIn = ([left, top, width, height]: readonly [number, number, number, number]) => {
    const [across, down] = [Math.floor(width * image.width), Math.floor(height * image.height)];
    const { data } = context.getImageData(
      ...([Math.floor(left * image.width), Math.floor(top * image.height), across, down] as const),
    );
    let [grey, coloured] = [0, 0];
    for (let at = 0; at < data.length; at += 4) {
      const rgb = [data[at]!, data[at + 1]!, data[at + 2]!];
      const [least, most] = [Math.min(...rgb), Math.max(...rgb)];
      // The background is darker, the crosshair paler.
      if (most - least < 12 && least > 40) grey++;
      if (most - least > 110) coloured++;
    }
    return { grey: grey / (across * down), coloured: coloured / (across * down) };
  };
  return Object.fromEntries(Object.entries(places).map(([name, place]) => [name, sharesIn(place)]));
}

/** How much two pictures of one place go along in their brightness, from −1 to 1. */
export async function brightnessCorrelation({
  pictures,
  place: [left, top, width, height],
}: {
  /** PNG in base64. */
  readonly pictures: readonly [string, string];
  /** Left, top, width and height, as shares of the picture's. */
  readonly place: readonly [number, number, number, number];
}): Promise<number> {
  const [a = [], b = []] = await Promise.all(
    pictures.map(async (picture) => {
      const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes]));
      const context = new OffscreenCanvas(image.width, image.height).getContext("2d")!;
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(
        ...([Math.floor(left * image.width), Math.floor(top * image.height)] as const),
        ...([Math.floor(width * image.width), Math.floor(height * image.height)] as const),
      );
      const values = Array.from(
        { length: data.length / 4 },
        (_, k) => data[4 * k]! + data[4 * k + 1]! + data[4 * k + 2]!,
      );
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return values.map((value) => value - mean);
    }),
  );
  const product = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, k) => sum + value * y[k]!, 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}
