import { VoxplainError } from "@voxplain/core";
import { methods } from "@voxplain/saliency";
import { type ColourMapName, colourMaps } from "../viewer/colour-maps.ts";
import { type Display, usualDisplay, usualView, type View, views } from "../viewer/display.ts";

/** Attributes that decide what is computed. */
export const jobAttributes = [
  ...["model", "image", "template", "preprocess", "network"],
  ...["method", "options", "target", "classes"],
] as const;

/** Attributes that decide how it is drawn. */
export const displayAttributes = [
  ...["view", "threshold", "opacity", "colours", "values", "weak", "end", "convention", "crosshair"],
] as const;

type Attributes = Pick<HTMLElement, "getAttribute">;

/** What is computed, as text. */
export interface EmbeddedJob {
  readonly model: string;
  readonly image: string;
  readonly template: string | undefined;
  readonly preprocess: readonly string[] | undefined;
  /** "fold-0/best_loss". */
  readonly network: string | undefined;
  readonly method: string;
  readonly options: Readonly<Record<string, string>>;
  /** A number or a name of a class; undefined: the predicted one. */
  readonly target: string | undefined;
  readonly classes: readonly string[];
}

/** Undefined while there is no model or no image yet. @throws VoxplainError `invalid-argument` naming the attribute. */
export function jobOf(element: Attributes): EmbeddedJob | undefined {
  const text = (name: (typeof jobAttributes)[number]) => element.getAttribute(name)?.trim() || undefined;
  const words = (name: (typeof jobAttributes)[number]) => text(name)?.split(/\s+/);
  const [model, image] = [text("model"), text("image")];
  if (model === undefined || image === undefined) return undefined;
  const options = (words("options") ?? []).map((word) => {
    const at = word.indexOf("=");
    if (at < 1) throw wrong("options", "name=value, with spaces between", word);
    return [word.slice(0, at), word.slice(at + 1)] as const;
  });
  return {
    ...{ model, image, template: text("template"), network: text("network"), target: text("target") },
    preprocess: words("preprocess"),
    method: oneOf("method", text("method") ?? "gradients", Object.keys(methods)),
    options: Object.fromEntries(options),
    classes: (text("classes") ?? "").split(",").flatMap((name) => name.trim() || []),
  };
}

/** @throws VoxplainError `invalid-argument` naming the attribute. */
export function displayOf(element: Attributes): Display {
  const text = (name: (typeof displayAttributes)[number], usual: string, known: readonly string[]) =>
    oneOf(name, element.getAttribute(name)?.trim() || usual, known);
  const number = (name: (typeof displayAttributes)[number], usual: number, most = 1) => {
    const given = element.getAttribute(name)?.trim();
    if (given === undefined || given === "") return usual;
    const value = Number(given);
    if (value >= 0 && value <= most) return value;
    throw wrong(name, most === 1 ? "a number from 0 to 1" : "a number from 0", given);
  };
  const end = number("end", 0, Number.MAX_VALUE);
  return {
    threshold: number("threshold", usualDisplay.threshold),
    opacity: number("opacity", usualDisplay.opacity),
    end: end > 0 ? end : undefined,
    // What is known is what is allowed.
    view: text("view", usualView(), views) as View,
    colours: text("colours", "cold-hot", Object.keys(colourMaps)) as ColourMapName,
    absolute: text("values", "signed", ["signed", "absolute"]) === "absolute",
    fades: text("weak", "faded", ["faded", "hidden"]) === "faded",
    radiological: text("convention", "neurological", ["neurological", "radiological"]) === "radiological",
    crosshair: text("crosshair", "shown", ["shown", "hidden"]) === "shown",
  };
}

function oneOf(name: string, value: string, known: readonly string[]): string {
  if (known.includes(value)) return value;
  throw wrong(name, `one of ${known.join(", ")}`, value);
}

function wrong(name: string, expected: string, found: string): VoxplainError {
  return new VoxplainError("invalid-argument", `the attribute "${name}" cannot be used`, {
    expected,
    found: `"${found}"`,
  });
}
