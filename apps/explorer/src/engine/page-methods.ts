import type { MethodEntry, MethodOption, MethodOptions } from "@voxplain/saliency";
import { methods } from "@voxplain/saliency";

/** Options of these kinds are not written by the user: the engine sets them or leaves them out. */
const notWritten: ReadonlySet<MethodOption["kind"]> = new Set(["cohort", "image", "labels", "voxel-size"]);

/** How a page asks whether the regions are those of the open atlas. */
const regionChoice: MethodOption = {
  kind: "choice",
  choices: ["atlas", "grid"],
  default: "atlas",
  doc: "the regions: those of the atlas, or the cells of a regular grid",
};

/** Every method with the options that can be chosen in a page. */
export function pageMethods(hasAtlas: boolean): Readonly<Record<string, MethodEntry>> {
  const entries = Object.entries(methods).map(([name, entry]) => {
    return [name, { ...entry, options: pageOptions(entry.options, hasAtlas) }] as const;
  });
  return Object.fromEntries(entries);
}

function pageOptions(options: MethodOptions, hasAtlas: boolean): MethodOptions {
  const shown = Object.entries(options).flatMap(([name, option]) => {
    if (option.kind === "labels" && hasAtlas) return [[name, regionChoice] as const];
    return notWritten.has(option.kind) ? [] : [[name, option] as const];
  });
  return Object.fromEntries(shown);
}
