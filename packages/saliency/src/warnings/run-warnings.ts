import { elementAt } from "@voxplain/core";
import type { MapWarning } from "./map-warning.ts";

/** Collects what is odd about the maps of a run, so that it is said once. */
export interface RunWarnings {
  /** One map; `name` is that of its image, or of a part of it, or "" where the sentences need none. */
  add(name: string, warnings: readonly MapWarning[], logits?: readonly number[]): void;
  /** A sentence for each kind of warning, with how many maps it concerns. */
  sentences(options?: {
    /** The maps were averaged: the sentence about values that are not finite names every image. */
    readonly averaged?: boolean;
  }): string[];
}

/** What a run's maps have in common is collected in the memory of a few numbers for each odd one. */
export function runWarnings(): RunWarnings {
  const found: { readonly name: string; readonly warning: MapWarning }[] = [];
  let count = 0;
  let same: { readonly logits: readonly number[]; isSame: boolean } | undefined;
  const of = <Kind extends MapWarning["kind"]>(kind: Kind) =>
    found.flatMap(({ name, warning }) =>
      warning.kind === kind ? [{ name, warning: warning as Extract<MapWarning, { kind: Kind }> }] : [],
    );
  const share = (part: number) => (count === 1 ? "the map" : `${part} of ${count} maps`);
  const first = (names: readonly { readonly name: string }[]) =>
    count === 1 ? "" : ` (${names.length === 1 ? "" : "the first: "}${elementAt(names, 0).name})`;
  const notFinite = (averaged: boolean) => {
    const maps = of("map-not-finite");
    if (maps.length === 0) return [];
    const shown = averaged ? maps : maps.slice(0, 5);
    const each = shown
      .map(({ name, warning: w }) => `${name === "" ? "" : `${name}: `}${w.count} of ${w.size}`)
      .join("; ");
    const others = maps.length > shown.length ? "; …" : "";
    const mean = averaged ? ", and so does the mean map" : "";
    const verb = count === 1 ? "holds" : "hold";
    return [
      `${share(maps.length)} ${verb} NaN or infinite values, though the logits are finite${mean} (${each}${others})`,
    ];
  };
  const zero = () => {
    const maps = of("map-zero");
    if (maps.length === 0) return [];
    const died = maps.find(({ warning }) => warning.diesAt)?.warning.diesAt;
    const reason = died ? `: no gradient passes the layer "${died.layer}" (${died.operator})` : "";
    return [`${share(maps.length)} ${verbOf(count)} zero everywhere${first(maps)}${reason}`];
  };
  const incomplete = () => {
    const maps = of("map-incomplete");
    if (maps.length === 0) return [];
    const worst = maps.reduce((a, b) => (Math.abs(b.warning.missed) > Math.abs(a.warning.missed) ? b : a));
    const missed = Math.abs(worst.warning.missed);
    const percent = Number.isFinite(missed) ? `${Number((100 * missed).toPrecision(2))} %` : "all of it";
    const verb = count === 1 ? "does" : "do";
    return [
      `${share(maps.length)} ${verb} not add up to the change of the output that the method promises: ` +
        `${count === 1 ? "" : `that of ${worst.name} `}misses ${percent}`.replace(": misses", ": it misses"),
    ];
  };
  const equal = () => {
    const images = of("equal-logits");
    const sentences =
      images.length === 0
        ? []
        : [
            count === 1
              ? "all classes have the same logit"
              : `all classes have the same logit for ${images.length} of ${count} inputs${first(images)}`,
          ];
    if (count > 1 && same?.isSame) {
      sentences.push(`the logits of all ${count} inputs are the same: does the network see the images?`);
    }
    return sentences;
  };
  return {
    add(name, warnings, logits) {
      count++;
      for (const warning of warnings) found.push({ name, warning });
      if (logits === undefined) return;
      same ??= { logits, isSame: true };
      if (logits.some((logit, k) => logit !== same?.logits[k])) same.isSame = false;
    },
    sentences: ({ averaged = false } = {}) => [
      ...notFinite(averaged),
      ...zero(),
      ...incomplete(),
      ...equal(),
    ],
  };
}

function verbOf(count: number): string {
  return count === 1 ? "is" : "are";
}
