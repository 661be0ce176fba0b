import { describe, expect, it } from "vitest";
import { progressOn } from "../src/progress.ts";

/** What a job of so many sessions writes to a terminal, or to a file. */
function written(isTTY: boolean, total: number): string {
  const chunks: string[] = [];
  const stream = { isTTY, write: (chunk: string) => chunks.push(chunk) > 0 } as NodeJS.WriteStream;
  const progress = progressOn(stream, "fold 0", total);
  for (let index = 1; index <= total; index++) {
    progress.update({ index, count: total, passes: index, expected: undefined });
  }
  progress.end();
  return chunks.join("");
}

describe("the progress of a job", () => {
  it("is a bar in a terminal, which leaves nothing behind", () => {
    const text = written(true, 2);
    expect(text).toContain(`\r\x1b[Kfold 0 ${"█".repeat(12)}${"░".repeat(12)} 1/2`);
    expect(text.endsWith("\r\x1b[K")).toBe(true);
  });

  it("is a line for each tenth elsewhere", () => {
    const lines = written(false, 40).trimEnd().split("\n");
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe("fold 0: 40 sessions");
    expect(lines[1]).toMatch(/^fold 0: 4\/40, /);
    expect(lines[10]).toBe("fold 0: 40/40");
  });
});
