import { expect, it } from "vitest";
import { sentence } from "../src/job/sentence.ts";

it("a message that is followed by another sentence ends with one mark", () => {
  expect(sentence("it is empty")).toBe("it is empty.");
  expect(sentence("it is damaged; was it downloaded completely?")).toBe(
    "it is damaged; was it downloaded completely?",
  );
});
