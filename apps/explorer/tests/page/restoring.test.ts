import { expect, it } from "vitest";
import { type RestoringParts, restoreDesk } from "../../src/page/restoring.ts";

it("a desk that is opened again says at the end what was too large to be kept", async () => {
  let said: readonly string[] = [];
  const steps = [
    { kind: "left-out", name: "caps" },
    { kind: "files", files: { name: "labels", files: [] } },
  ];
  const parts = {
    kept: { steps: async () => steps, form: async () => undefined, maps: async () => new Map(), goOn() {} },
    open: {
      roots: [],
      // A job begins without problems.
      open: async () => {
        said = [];
      },
      withoutKeeping: (work: () => Promise<void>) => work(),
    },
    jobs: {
      complain(_: string, problems: readonly string[]) {
        said = problems;
      },
    },
    onOpened() {},
  };
  expect(await restoreDesk(parts as unknown as RestoringParts)).toBe(true);
  expect(said).toEqual(["caps is too large to be kept in this browser: open it again to go on with it"]);
});
