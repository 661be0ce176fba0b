import type { CapsImages } from "@voxplain/core";
import { layoutOf } from "../layout.ts";
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

/** Of the names that Clinica gives to the images of a pipeline; undefined where they are not named by BIDS. */
export function ownImage(images: CapsImages): OwnImage | undefined {
  const [suffix] = layoutOf(images).suffixes;
  const name = suffix === undefined ? undefined : parseImageName(`sub-x${suffix}.nii.gz`);
  if (name === undefined) return undefined;
  const keys = new Set(["space", "desc", "res", ...name.entities.keys()]);
  keys.delete("sub");
  return {
    suffixes: [name.suffix, ...(standard[name.suffix] ?? [])],
    entities: [...keys].map((key) => ({ key, values: [name.entities.get(key) ?? ""] })),
  };
}
