import type { CapsImages } from "@voxplain/core";
import { layoutOf } from "../caps/layout.ts";
import { parseImageName } from "./file-name.ts";
import type { Criterion } from "./filter.ts";

/** How the images of a pipeline are named in a dataset. */
export interface OwnImage {
  /** Its suffix, and how the standard writes it: "T1w". */
  readonly suffixes: readonly string[];
  /** Its space, desc and res, and what else its name has: values of entities, "" for one that it lacks. */
  readonly entities: readonly Criterion[];
}

/** Suffixes of Clinica that the standard writes otherwise. */
const standard: Readonly<Record<string, readonly string[]>> = { flair: ["FLAIR"], probability: ["probseg"] };

/**
 * From the names that Clinica gives to the images of a pipeline; undefined where these have no suffix of their own. An
 * entity of which the model takes any value is left out.
 */
export function ownImage(images: CapsImages): OwnImage | undefined {
  const { suffixes, glob = "" } = layoutOf(images);
  const end = (suffixes[0] ?? glob).replace(/^[*_]+/, "");
  const name = parseImageName(`sub-x_${end}.nii.gz`, ".nii.gz");
  if (name === undefined || name.suffix.includes("*")) return undefined;
  const keys = new Set(["space", "desc", "res", ...name.entities.keys()]);
  return {
    suffixes: [name.suffix, ...(standard[name.suffix] ?? [])],
    entities: [...keys]
      .map((key) => ({ key, values: [name.entities.get(key) ?? ""] }))
      .filter(({ values }) => !values.some((value) => value.includes("*"))),
  };
}
