import { expect, it } from "vitest";
import { searchWords } from "../.vitepress/search.ts";

it("names with underscores and hyphens are found whole and by their parts", () => {
  expect(searchWords("Use `--keep_true true` (LRP-0), participants.tsv")).toEqual([
    ...["Use", "keep_true", "keep", "true", "true", "LRP-0", "LRP", "0", "participants", "tsv"],
  ]);
});
