import { isVoxplainError, VoxplainError } from "@voxplain/core";
import type { GroupSums } from "../maps/group-maps.ts";
import type { Task } from "../plan/request.ts";
import { type Block, blockLength, blocksOf } from "./blocks.ts";
import type { FinishedSession } from "./finished-session.ts";
import {
  type EncodedSession,
  encodeKept,
  encodeSession,
  type KeptFile,
  type KeptMemory,
  openKept,
  outcomeOf,
} from "./kept-file.ts";
import type { SessionStore, StoreWrite } from "./session-store.ts";

/** The sessions of a list that are finished, in a store. */
export interface FinishedSessions {
  /** The blocks of the list. */
  readonly blocks: readonly Block[];
  /** What became of a session; undefined for one that is to be computed. */
  at(place: number): FinishedState | undefined;
  /**
   * Reads what is kept of finished sessions, in the order of the list: their memory is that of a file of the store.
   * @param of - Default: all blocks.
   */
  read(of?: readonly Block[]): AsyncGenerator<FinishedSession>;
  /** Whether the sessions of a block are kept together. */
  isClosed(block: Block): boolean;
  /**
   * Keeps a session. Those without sums are kept together with those that follow within a quarter of a second: where sessions take
   * milliseconds, a file for each would cost more than they do.
   * @param sums - Sums of its maps, where they are averaged.
   * @returns When the sums are no longer read: they may be in memory that is used again.
   */
  add(session: FinishedSession, sums?: GroupSums): Promise<void>;
  /**
   * Keeps a block whose sessions are all finished in the place of its sessions. A list of short blocks needs none.
   * @returns When the sums are not read any more.
   */
  close(block: Block, sums: GroupSums | undefined): Promise<void>;
  /**
   * The sums of a session, or of a closed block; undefined where none of its maps is kept.
   * @param memory - Where they are read: the next sums that are read there take their place.
   */
  sumsAt(place: number, memory?: KeptMemory): Promise<GroupSums | undefined>;
  /** Looks into the store again. */
  refresh(): Promise<void>;
  /** Forgets sessions, and removes what is kept of them. */
  discard(blocks: readonly Block[]): Promise<number>;
  /** Resolves when everything that was added is kept. @throws What the store rejects with. */
  settled(): Promise<void>;
}

/** What became of a session that is finished. */
export interface FinishedState {
  /** False for one that was skipped. */
  readonly isComputed: boolean;
  /** False for one that was skipped, and for an image that `keepTrue` leaves out. */
  readonly isKept: boolean;
}

/** By their outcome in a file: skipped, left out, used. */
const states: Readonly<Record<EncodedSession["outcome"], FinishedState>> = {
  0: { isComputed: false, isKept: false },
  1: { isComputed: true, isKept: false },
  2: { isComputed: true, isKept: true },
};

/** Where a session is. */
interface Found {
  readonly state: FinishedState;
  readonly file: string;
  /** Until it is in the store. */
  readonly session?: FinishedSession;
}

/** Milliseconds that a session may wait for those that follow it. */
const longestWait = 250;

const sessionName = (place: number) => `session-${String(place).padStart(6, "0")}`;
const blockName = (index: number) => `block-${String(index).padStart(2, "0")}`;

/**
 * Opens what a store has of the sessions of a list.
 * @param key - What they depend on, as a digest: what was kept under another one is not there. Where the store is empty, it is waited for
 * when the first session is kept.
 */
export async function finishedSessions(
  store: SessionStore,
  { sessions: list }: Pick<Task, "sessions">,
  key: string | Promise<string>,
): Promise<FinishedSessions> {
  const blocks = blocksOf({ sessions: list });
  const length = blockLength(list.length);
  const blockOf = (place: number) => Math.floor(place / length);
  const found = new Map<number, Found>();
  const closed = new Set<number>();
  const closing = new Set<number>();
  const writing = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const remember = (name: string, kept: KeptFile["sessions"]) => {
    for (const { place, outcome } of kept) found.set(place, { state: states[outcome], file: name });
    if (name.startsWith("block-")) closed.add(Number(name.slice("block-".length)));
  };
  const look = async (name: string) => {
    const file = await store.open(name);
    if (file === undefined) return;
    try {
      const kept = await openKept(file, `${store.name}/${name}`);
      if (kept.key === (await key)) remember(name, kept.sessions);
    } catch (error) {
      // A machine that lost its power may leave half a file: its sessions are computed again. It is not removed: who only looks
      // changes nothing.
      if (!isVoxplainError(error, "invalid-file")) throw error;
    }
  };
  const refresh = async () => {
    found.clear();
    closed.clear();
    const names = (await store.list()).filter((name) => /^(session|block)-\d+$/.test(name)).sort();
    // Sessions last: one that is beside its block was computed again.
    for (const name of names.filter((one) => one.startsWith("session-"))) await look(name);
    for (const name of names.filter((one) => one.startsWith("block-"))) await look(name);
  };
  /** What is being written is waited for at the end; what goes wrong is met then, or at the next session. */
  const track = (work: Promise<void>) => {
    const tracked: Promise<void> = work
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => writing.delete(tracked));
    writing.add(tracked);
  };
  const keep = (name: string, kept: readonly EncodedSession[], sums: GroupSums | undefined): StoreWrite => {
    if (failure !== undefined) throw failure.error;
    const writing = Promise.resolve(key).then((known) => store.write(name, encodeKept(known, kept, sums)));
    const written = async () => {
      await (await writing).kept;
      remember(name, kept);
    };
    const write = { taken: writing.then(({ taken }) => taken), kept: written() };
    // Both fail for one reason, and the caller may wait for one of them only.
    for (const promise of [write.taken, write.kept]) promise.catch(() => {});
    return write;
  };
  let pending: FinishedSession[] = [];
  let lastWrite = Number.NEGATIVE_INFINITY;
  const flush = () => {
    const [first] = pending;
    if (first === undefined) return;
    track(keep(sessionName(first.place), pending.map(encodeSession), undefined).kept);
    pending = [];
    lastWrite = performance.now();
  };
  /** The file that sessions are read from, one after the other. */
  const opened = () => {
    let last: { readonly name: string; readonly file: KeptFile | undefined } | undefined;
    return async (name: string): Promise<KeptFile | undefined> => {
      if (last?.name === name) return last.file;
      last = undefined;
      const file = await store.open(name);
      last = { name, file: file && (await openKept(file, `${store.name}/${name}`)) };
      return last.file;
    };
  };
  /** Reads what became of sessions; undefined of one that is not finished. */
  const reader = <Read>(
    ofMemory: (session: FinishedSession) => Read,
    ofFile: (file: KeptFile, place: number) => Promise<Read | undefined>,
  ) => {
    const open = opened();
    return async (place: number): Promise<Read | undefined> => {
      for (;;) {
        const one = found.get(place);
        if (one === undefined) return undefined;
        if (one.session !== undefined) return ofMemory(one.session);
        let problem: unknown;
        try {
          const file = await open(one.file);
          const session = file && (await ofFile(file, place));
          if (session !== undefined) return session;
        } catch (error) {
          problem = error;
        }
        // Its block was closed meanwhile.
        if (found.get(place) !== one) continue;
        throw problem ?? removed(one.file);
      }
    };
  };
  const removed = (name: string) =>
    new VoxplainError("not-found", "it was removed meanwhile", { file: `${store.name}/${name}` });
  const encodedAt = async (places: Iterable<number>): Promise<readonly EncodedSession[]> => {
    const at = reader(encodeSession, (file, place) => file.encoded(place));
    const sessions: EncodedSession[] = [];
    for (const place of places) {
      const session = await at(place);
      if (session !== undefined) sessions.push(session);
    }
    return sessions;
  };
  /** Removes some sessions of a file, and keeps the others of it. */
  const removeFrom = async (file: string, places: ReadonlySet<number>) => {
    const rest = [...found].filter(([place, one]) => one.file === file && !places.has(place));
    const others = await encodedAt(rest.map(([place]) => place));
    const [first] = others;
    if (first !== undefined) await keep(sessionName(first.place), others, undefined).kept;
    if (first === undefined || sessionName(first.place) !== file) await store.remove(file);
  };
  await refresh();
  return {
    blocks,
    at: (place) => found.get(place)?.state,
    async *read(of = blocks) {
      const at = reader(
        (session) => session,
        (file, place) => file.session(place),
      );
      for (const { start, end } of of) {
        for (let place = start; place < end; place++) {
          const session = await at(place);
          if (session !== undefined) yield session;
        }
      }
    },
    isClosed: ({ index }) => closed.has(index),
    async add(session, sums) {
      if (sums === undefined) {
        // A block of several is closed with whole files.
        const [before] = pending;
        if (length > 1 && before !== undefined && blockOf(before.place) !== blockOf(session.place)) flush();
        pending.push(session);
        // Here too, so that it counts as finished at once.
        const file = sessionName(pending[0]?.place ?? session.place);
        found.set(session.place, { state: states[outcomeOf(session)], file, session });
        if (performance.now() - lastWrite > longestWait) flush();
        return;
      }
      flush();
      const file = sessionName(session.place);
      const write = keep(file, [encodeSession(session)], sums);
      // As above.
      found.set(session.place, { state: states[outcomeOf(session)], file, session });
      track(write.kept);
      await write.taken;
    },
    async close(block, sums) {
      if (length === 1 || closed.has(block.index) || closing.has(block.index)) return;
      // At once: while it is written it is not closed yet, and its sums may be gone when it is asked for again.
      closing.add(block.index);
      flush();
      // Those that are still being written are needed for it.
      await Promise.all(writing);
      if (failure !== undefined) throw failure.error;
      const places = Array.from({ length: block.end - block.start }, (_, k) => block.start + k);
      const all = await encodedAt(places);
      if (all.length < places.length) throw new RangeError("a session of the block is not finished");
      const names = new Set(places.map((place) => found.get(place)?.file ?? sessionName(place)));
      // Sessions of other blocks may be in a file where they ended in another order.
      for (const [place, { file }] of found) if (blockOf(place) !== block.index) names.delete(file);
      const write = keep(blockName(block.index), all, sums);
      const replaced = async () => {
        await write.kept;
        for (const name of names) await store.remove(name);
      };
      track(replaced());
      // The next block is summed in the same memory.
      await write.taken;
    },
    async sumsAt(place, memory) {
      const kept = found.get(place);
      if (kept === undefined) throw new RangeError("the session is not finished");
      const file = await store.open(kept.file);
      if (file === undefined) throw removed(kept.file);
      return (await openKept(file, `${store.name}/${kept.file}`)).sums(memory);
    },
    refresh,
    async discard(unwanted) {
      const isUnwanted = (place: number) => unwanted.some(({ start, end }) => place >= start && place < end);
      const places = new Set([...found.keys()].filter(isUnwanted));
      const names = new Set([...places].map((place) => found.get(place)?.file ?? sessionName(place)));
      for (const name of names) await removeFrom(name, places);
      for (const place of places) found.delete(place);
      for (const { index } of unwanted) {
        closed.delete(index);
        closing.delete(index);
      }
      return places.size;
    },
    async settled() {
      flush();
      while (writing.size > 0) await Promise.all(writing);
      if (failure !== undefined) throw failure.error;
    },
  };
}
