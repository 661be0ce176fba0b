import { describe, expect, it } from "vitest";
import { freeMemory } from "../src/parts/free-memory.ts";

describe("freeMemory", () => {
  it("empties what looks at the memory, at once", () => {
    const values = new Float32Array(1000).fill(1);
    const view = new Uint8Array(values.buffer, 8, 16);
    freeMemory(values.buffer);
    expect([values.length, view.length, values.buffer.byteLength]).toEqual([0, 0, 0]);
  });

  it("leaves memory that threads share", () => {
    const values = new Float32Array(new SharedArrayBuffer(16)).fill(2);
    freeMemory(values.buffer);
    expect([...values]).toEqual([2, 2, 2, 2]);
  });
});
