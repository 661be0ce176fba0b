import { afterEach, expect, it, vi } from "vitest";
import { exitStatusOf } from "../src/report-error.ts";

afterEach(() => vi.restoreAllMocks());

it("an array for which there is no memory is no unexpected error", () => {
  let said = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += text;
    return true;
  });
  expect(exitStatusOf(new RangeError("Array buffer allocation failed"), [])).toBe(1);
  expect(said).toMatch(
    /^voxplain: there is not enough memory \(.*\): give the command more, .* \(--nproc, .*\n$/,
  );
});
