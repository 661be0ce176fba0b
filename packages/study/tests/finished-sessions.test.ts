// What is kept of sessions while their job is not complete. Any store will do: here it is a Map.
import type { Session } from "@voxplain/caps-io";
import { memoryFiles } from "@voxplain/core";
import { nodeRuntime } from "@voxplain/runtime-node";
import {
  type ExplainedImage,
  explainCohort,
  type FinishedSession,
  type FinishedSessions,
  finishedSessions,
  type GroupSums,
  groupMaps,
  openCohort,
  openModel,
  plan,
  type SessionStore,
  sessionSums,
} from "@voxplain/study";
import { describe, expect, it } from "vitest";
import { toyCaps, toyLabels, toyModel, valuesOf } from "./toy-study.ts";

type Stored = Map<string, Uint8Array>;

function mapStore(stored: Stored = new Map()): SessionStore & { readonly stored: Stored } {
  const files = memoryFiles(stored);
  return {
    stored,
    name: "kept",
    list: async () => [...stored.keys()],
    open: (name) => files.open(name),
    write(name, pieces) {
      const bytes = new Uint8Array(Buffer.concat(pieces));
      stored.set(name, bytes);
      return { taken: Promise.resolve(), kept: Promise.resolve() };
    },
    remove: async (name) => void stored.delete(name),
  };
}

const listOf = (length: number) => ({
  sessions: Array.from({ length }, (_, k) => ({ name: `sub-${k}`, cohort: "single" }) as Session),
});

const finishedAt = (place: number): FinishedSession => ({
  ...{ place, name: `sub-${place}`, by: { processor: "toy", threads: 1 }, seconds: 0.5 },
  skipped: { code: "not-finite", problem: "it is broken" } as FinishedSession["skipped"] & object,
});

const sumsOf = (...values: number[]): GroupSums => ({
  maps: { dims: [values.length], data: Float64Array.from(values), count: 1 },
  count: 1,
  common: { name: "sub-0", target: 1, network: "toy" },
});

async function readAll(finished: FinishedSessions): Promise<readonly FinishedSession[]> {
  const sessions: FinishedSession[] = [];
  for await (const session of finished.read()) sessions.push(session);
  return sessions;
}

describe("a finished session", () => {
  it("is there with its sums when the store is opened again", async () => {
    const store = mapStore();
    const finished = await finishedSessions(store, listOf(3), "key");
    await finished.add(finishedAt(1), sumsOf(1, Number.NaN, 1 / 3));
    await finished.settled();
    const again = await finishedSessions(store, listOf(3), "key");
    expect([0, 1, 2].map((place) => again.at(place)?.isComputed)).toEqual([undefined, false, undefined]);
    expect(await readAll(again)).toMatchObject([finishedAt(1)]);
    expect(await again.sumsAt(1)).toEqual(sumsOf(1, Number.NaN, 1 / 3));
  });

  it("is not there under another key", async () => {
    const store = mapStore();
    const finished = await finishedSessions(store, listOf(3), "key");
    await finished.add(finishedAt(1), sumsOf(1));
    await finished.settled();
    expect((await finishedSessions(store, listOf(3), "other")).at(1)).toBeUndefined();
  });

  it("is not there where its file is damaged or cut off, which stays as it is", async () => {
    const store = mapStore();
    const finished = await finishedSessions(store, listOf(3), "key");
    await finished.add(finishedAt(1), sumsOf(1));
    await finished.settled();
    const [[name, bytes] = ["", new Uint8Array()]] = store.stored;
    // In its header, in the session, and in the last array.
    for (const length of [20, bytes.length - 100, bytes.length - 1]) {
      const cut = bytes.slice(0, length);
      store.stored.set(name, cut);
      expect((await finishedSessions(store, listOf(3), "key")).at(1)).toBeUndefined();
      expect(store.stored.get(name)).toBe(cut);
    }
  });

  it("whose bytes changed is refused by the name of its file when it is read", async () => {
    const store = mapStore();
    const finished = await finishedSessions(store, listOf(1), "key");
    await finished.add(finishedAt(0));
    await finished.settled();
    const [bytes = new Uint8Array()] = store.stored.values();
    bytes.fill(0x7b, Buffer.from(bytes).indexOf('{"place"'), bytes.length);
    const again = await finishedSessions(store, listOf(1), "key");
    await expect(readAll(again)).rejects.toMatchObject({ code: "invalid-file", file: "kept/session-000000" });
  });

  it.each([
    ["null", "null"],
    ["a list of sessions that is none", '{"key":"key","sessions":5}'],
    ["a session without a length", '{"key":"key","sessions":[[1,0]]}'],
    ["a session that the file does not have", '{"key":"key","sessions":[[1,0,1e15]]}'],
    ["values of an unknown type", '{"key":"key","sessions":[],"sums":{"count":1,"arrays":[{"values":"x"}]}}'],
    [
      "an array that the file does not have",
      '{"key":"key","sessions":[],"sums":{"count":1,"arrays":[{"name":"maps","values":"float64","dims":[9],"length":1e15}]}}',
    ],
    ["nested without end", `{"key":${"[".repeat(200_000)}`],
    ["numbers nested without end", `{"$number":"nan","a":${'{"$number":"nan","a":'.repeat(100_000)}`],
  ])("is not there where the header of its file is %s", async (_, header) => {
    const store = mapStore();
    const text = new TextEncoder().encode(header);
    const head = new Uint8Array(16);
    head.set(new TextEncoder().encode("VXPKEPT3"));
    new DataView(head.buffer).setUint32(8, text.length, true);
    store.stored.set("session-000001", new Uint8Array(Buffer.concat([head, text, new Uint8Array(8)])));
    expect((await finishedSessions(store, listOf(3), "key")).at(1)).toBeUndefined();
  });

  it("without sums shares a file with those that follow at once", async () => {
    const store = mapStore();
    const finished = await finishedSessions(store, listOf(40), "key");
    for (let place = 0; place < 40; place++) await finished.add(finishedAt(place));
    // Also what is not in the store yet.
    expect(await readAll(finished)).toHaveLength(40);
    await finished.settled();
    expect(store.stored.size).toBeLessThanOrEqual(3);
    const again = await finishedSessions(store, listOf(40), "key");
    expect((await readAll(again)).map(({ name }) => name)).toEqual(
      listOf(40).sessions.map(({ name }) => name),
    );
  });

  it("is discarded alone where others share its file", async () => {
    const store = mapStore();
    const finished = await finishedSessions(store, listOf(4), "key");
    for (const place of [0, 1, 2, 3]) await finished.add(finishedAt(place));
    await finished.settled();
    const again = await finishedSessions(store, listOf(4), "key");
    expect(await again.discard(again.blocks.slice(1, 3))).toBe(2);
    const last = await finishedSessions(store, listOf(4), "key");
    expect([0, 1, 2, 3].map((place) => last.at(place) !== undefined)).toEqual([true, false, false, true]);
  });
});

describe("a store", () => {
  it("that cannot be written to ends the next session, and the job", async () => {
    const full = new Error("no space is left");
    const failing = {
      ...mapStore(),
      write: () => ({ taken: Promise.resolve(), kept: Promise.reject(full) }),
    };
    const finished = await finishedSessions(failing, listOf(3), "key");
    await finished.add(finishedAt(0), sumsOf(1));
    await expect(finished.settled()).rejects.toBe(full);
    await expect(finished.add(finishedAt(1), sumsOf(1))).rejects.toBe(full);
  });

  it("that refuses a file of sessions without sums ends the job, and leaves no rejection unhandled", async () => {
    const refused = new Error("the file system is read-only");
    const failing = {
      ...mapStore(),
      write: () => ({ taken: Promise.reject(refused), kept: Promise.reject(refused) }),
    };
    const finished = await finishedSessions(failing, listOf(3), "key");
    await finished.add(finishedAt(0));
    await expect(finished.settled()).rejects.toBe(refused);
  });

  it("that is empty gets its first session when the key is known", async () => {
    const store = mapStore();
    let settle = (_: string) => {};
    const key = new Promise<string>((resolve) => {
      settle = resolve;
    });
    const finished = await finishedSessions(store, listOf(1), key);
    const adding = finished.add(finishedAt(0), sumsOf(1));
    expect(store.stored.size).toBe(0);
    settle("key");
    await adding;
    await finished.settled();
    expect(await readAll(await finishedSessions(store, listOf(1), "key"))).toMatchObject([{ name: "sub-0" }]);
  });
});

describe("a list of more than 64 sessions", () => {
  const count = 70;

  it("keeps a closed block in the place of its sessions", async () => {
    const store = mapStore();
    const finished = await finishedSessions(store, listOf(count), "key");
    for (const place of [2, 3]) await finished.add(finishedAt(place), sumsOf(place));
    const block = finished.blocks[1];
    if (block === undefined) throw new RangeError("70 sessions make 35 blocks");
    await finished.close(block, sumsOf(5));
    await finished.settled();
    expect([...store.stored.keys()]).toEqual(["block-01"]);
    const again = await finishedSessions(store, listOf(count), "key");
    expect(again.isClosed(block)).toBe(true);
    expect((await readAll(again)).map(({ name }) => name)).toEqual(["sub-2", "sub-3"]);
    expect(await again.sumsAt(3)).toEqual(sumsOf(5));
  });

  it("keeps the sessions of a later block that share a file with those of a closed one", async () => {
    const store = mapStore();
    const finished = await finishedSessions(store, listOf(count), "key");
    // The first of block 2 ends before the last of block 1.
    for (const place of [2, 4, 3]) await finished.add(finishedAt(place));
    const [, block] = finished.blocks;
    if (block === undefined) throw new RangeError("70 sessions make 35 blocks");
    await finished.close(block, undefined);
    await finished.settled();
    const again = await finishedSessions(store, listOf(count), "key");
    for (const one of [finished, again])
      expect((await readAll(one)).map(({ name }) => name)).toEqual(["sub-2", "sub-3", "sub-4"]);
  });

  it("has the mean of one run where it is stopped within a block, gone on with and added up elsewhere", async () => {
    const model = await openModel(await toyModel());
    const images = Array.from({ length: count }, (_, k) => ({
      values: valuesOf(k + 1).map((value) => value / 3 + k / 7),
    }));
    const participants = images.map((_, k) => k + 1);
    const labels = await toyLabels({ AD: participants });
    const cohort = await openCohort({ caps: await toyCaps(images), labels, diagnoses: ["AD"] });
    const request = { target: 1, method: "input-x-gradient", result: "mean" } as const;
    const planned = await plan(model, cohort, request);
    const [task] = planned.tasks;
    if (task === undefined) throw new RangeError("there is a task");
    const runtime = nodeRuntime({ executionProvider: "cpu" });
    const explained: ExplainedImage[] = [];
    for await (const image of explainCohort(planned, { runtime })) explained.push(image);
    const whole = groupMaps(planned);
    for (const image of explained) whole.add(image);

    const store = mapStore();
    /** Computes the sessions of a range that are not there, block by block. */
    const compute = async (start: number, end: number) => {
      const finished = await finishedSessions(store, task, "key");
      const sums = groupMaps(planned);
      for (const block of finished.blocks) {
        for (let place = block.start; place < block.end; place++) {
          const image = explained[place];
          if (image === undefined || finished.isClosed(block)) continue;
          const isNew = finished.at(place) === undefined;
          if (isNew && (place < start || place >= end)) continue;
          const own = isNew ? sessionSums(planned.request)(image) : await finished.sumsAt(place);
          if (own === undefined) throw new RangeError("the session has a map");
          if (isNew) await finished.add(finishedAt(place), own);
          sums.addSums(own, block.index);
        }
        const places = [block.start, block.end - 1];
        if (places.every((place) => finished.at(place) !== undefined)) {
          await finished.close(block, sums.blockSums(block.index));
        }
      }
      await finished.settled();
    };
    await compute(0, 33);
    expect([...store.stored.keys()].filter((name) => name.startsWith("session-"))).toEqual([
      "session-000032",
    ]);
    await compute(33, count);

    const merged = groupMaps(planned);
    const all = await finishedSessions(store, task, "key");
    for (const { start } of all.blocks) {
      const sums = await all.sumsAt(start);
      if (sums !== undefined) merged.addSums(sums, "whole");
    }
    expect(merged.mean()).toEqual(whole.mean());
  });
});

it("a closed block has been taken when the next one is summed in its memory", async () => {
  const inner = mapStore();
  const slow: SessionStore = {
    ...inner,
    write(name, pieces) {
      const taken = new Promise<void>((resolve) => setTimeout(resolve, 20));
      return { taken, kept: taken.then(() => inner.write(name, pieces).kept) };
    },
  };
  const finished = await finishedSessions(slow, listOf(70), "key");
  for (const place of [0, 1]) await finished.add(finishedAt(place), sumsOf(place));
  const sums = sumsOf(1);
  const [block] = finished.blocks;
  if (block === undefined) throw new RangeError("there is a block");
  await finished.close(block, sums);
  sums.maps?.data.fill(7);
  await finished.settled();
  expect(await finished.sumsAt(0)).toEqual(sumsOf(1));
});

it("a block that is closed twice keeps the sums of the first time, also while it is being written", async () => {
  const store = mapStore();
  const finished = await finishedSessions(store, listOf(70), "key");
  for (const place of [0, 1]) await finished.add(finishedAt(place), sumsOf(place));
  const [block] = finished.blocks;
  if (block === undefined) throw new RangeError("there is a block");
  await Promise.all([finished.close(block, sumsOf(1)), finished.close(block, undefined)]);
  await finished.settled();
  expect(await finished.sumsAt(0)).toEqual(sumsOf(1));
});
