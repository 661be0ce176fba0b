import { type FileSource, VoxplainError } from "@voxplain/core";
import { listedNames } from "../names-in-sentences.ts";
import { type BidsImage, fieldOf } from "./bids-image.ts";
import { type Criterion, filterText, meets } from "./filter.ts";

/** Remembers which values there are, for the error where no image has the wanted ones. */
export function seenValues() {
  const all = new Map<string, Set<string>>();
  const near = new Map<string, Set<string>>();
  const add = (values: Map<string, Set<string>>, key: string, value: string) => {
    const known = values.get(key);
    if (known === undefined) values.set(key, new Set([value]));
    else known.add(value);
  };
  return {
    /** The keys of entities in names. */
    keys: new Set<string>(["sub"]),
    add(image: BidsImage, criteria: readonly Criterion[]): void {
      if (image.sessionId !== "") this.keys.add("ses");
      for (const key of image.entities.keys()) this.keys.add(key);
      const failed = criteria.filter((criterion) => !meets(image, criterion));
      for (const { key } of failed) add(all, key, fieldOf(image, key));
      const [only, another] = failed;
      if (only !== undefined && another === undefined) add(near, only.key, fieldOf(image, only.key));
    },
    /** The values that images have which lack only that one; of any image where there are none of those. */
    error(source: FileSource, asked: readonly Criterion[], notes: readonly string[]): VoxplainError {
      const values = [...(near.size > 0 ? near : all)].map(([key, some]) => {
        const listed = [...some].sort().map((value) => (value === "" ? `no ${key}` : value));
        return `${key}: ${listedNames(listed)}`;
      });
      const wanted = asked.length === 0 ? "no image" : `no image with ${filterText(asked)}`;
      return new VoxplainError("not-found", `there is ${wanted}`, {
        file: source.name,
        found: [...values, ...notes].join("; ") || "no NIfTI file",
        ...(values.length > 0 && { hint: "choose among these values (--bids_filter)" }),
      });
    },
  };
}
