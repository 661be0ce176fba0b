import * as api from "@voxplain/report";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "commandLine",
    "pathArgument",
    "reportHtml",
    "shellWord",
    "withoutIdentifiers",
  ]);
});
