import { expect, it } from "vitest";
import { inOnePass } from "../src/job/one-pass.ts";

/** Numbers from 0, and how many were asked for. */
function counted(count: number) {
  const state = { asked: 0 };
  async function* numbers() {
    for (; state.asked < count; ) yield state.asked++;
  }
  return { state, items: numbers() };
}

const collect = (into: number[]) => async (items: AsyncIterable<number>) => {
  for await (const item of items) into.push(item);
};

it("one pass gives all items to each reader, and asks for the next one when the slowest wants it", async () => {
  const { state, items } = counted(5);
  const [fast, slow]: [number[], number[]] = [[], []];
  const ahead: number[] = [];
  await inOnePass(items, [
    collect(fast),
    async (own) => {
      for await (const item of own) {
        await new Promise(setImmediate);
        slow.push(item);
        ahead.push(state.asked - slow.length);
      }
    },
  ]);
  expect([fast, slow]).toEqual([
    [0, 1, 2, 3, 4],
    [0, 1, 2, 3, 4],
  ]);
  expect(Math.max(...ahead)).toBeLessThanOrEqual(1);
});

it("one pass goes on for the others when a reader has enough, and without readers reads to the end", async () => {
  const all: number[] = [];
  const first: number[] = [];
  await inOnePass(counted(4).items, [
    async (items) => {
      for await (const item of items) {
        first.push(item);
        break;
      }
    },
    collect(all),
  ]);
  expect([first, all]).toEqual([[0], [0, 1, 2, 3]]);
  await inOnePass(counted(4).items, []);
});

it.each(["a reader", "the sequence"])(
  "one pass ends all readers with the first error of %s, so that none takes what it has for all",
  async (who) => {
    const error = new Error("the disk is full");
    async function* items() {
      yield* [0, 1];
      if (who === "the sequence") throw error;
      yield* [2, 3];
    }
    const met: unknown[] = [];
    const remembering = async (own: AsyncIterable<number>) => {
      try {
        for await (const _ of own);
      } catch (problem) {
        met.push(problem);
        throw problem;
      }
      met.push("the end");
    };
    const failing = async (own: AsyncIterable<number>) => {
      for await (const item of own) if (item === 2) throw error;
    };
    await expect(inOnePass(items(), [remembering, failing, remembering])).rejects.toBe(error);
    expect(met).toEqual([error, error]);
  },
);
