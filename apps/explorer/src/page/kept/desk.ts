import type { FilePath, FileSource } from "@voxplain/core";
import { clear, createStore, del, get, keys, set } from "idb-keyval";
import type { ExplorerEngine } from "../../engine/engine.ts";
import type { KeepableMap, PackedResult } from "../parked-result.ts";
import { recall, remember } from "../remembered.ts";
import type { KeptFiles } from "./files.ts";
import type { FormState } from "./form-state.ts";
import { foundSources, namedSources } from "./sources.ts";
import { clearKeptSummary, inThisTab, setKeptSummary } from "./summary.ts";

/** What was opened, in order: opening it again makes the same desk. */
export type DeskStep =
  | { readonly kind: "sample" }
  | { readonly kind: "files"; readonly files: KeptFiles }
  | { readonly kind: "template"; readonly files: KeptFiles; readonly path: FilePath }
  | { readonly kind: "atlas"; readonly files: KeptFiles; readonly paths: readonly FilePath[] }
  | { readonly kind: "links"; readonly urls: readonly string[] }
  | { readonly kind: "choice"; readonly choice: Parameters<ExplorerEngine["choose"]>[0] }
  /** Files that are too large to be kept. */
  | { readonly kind: "left-out"; readonly name: string };

/** What the browser keeps of a desk, on this machine. */
export interface KeptDesk {
  /** Whether this desk was open when the page was left or loaded again. */
  wasOpenHere(): Promise<boolean>;
  steps(): Promise<readonly DeskStep[]>;
  /** By their keys. @param roots - The files that are open now. */
  maps(roots: readonly FileSource[]): Promise<ReadonlyMap<string, PackedResult>>;
  form(): Promise<FormState | undefined>;
  /** Keeps one step more; a step that is the first closes what was open. The sample is kept with the first thing that is done with it. */
  addStep(step: DeskStep, isFirst?: boolean): void;
  /** Keeps these maps, by name, and no others. */
  setMaps(maps: ReadonlyMap<string, KeepableMap>): void;
  setForm(state: FormState): void;
  /** What goes on is of the kept desk. */
  goOn(): void;
  forget(): Promise<void>;
}

const store = () => createStore("voxplain-explorer", "desk");

/** Writes one thing after the other. What the browser refuses to keep, for its room or its settings, is not there the next time. */
export function keptDesk(): KeptDesk {
  const id = `${Date.now()}-${Math.random()}`;
  const desk = store();
  let own = id;
  let count = 0;
  let isBegun = false;
  let waiting: DeskStep | undefined;
  let known = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  const then = (work: () => Promise<unknown>) => {
    last = last.then(work).catch(() => {});
  };
  /** With the first thing that is kept, what was kept of another desk goes. */
  const begin = async () => {
    if (isBegun) return;
    isBegun = true;
    await clear(desk);
    await set("id", own, desk);
    remember(inThisTab, markOf(own), "this");
    if (waiting !== undefined) await set(`step:${number(String(++count))}`, waiting, desk);
    waiting = undefined;
  };
  const summarize = async () => setKeptSummary((await keysOf("map")).length);
  const keysOf = async (prefix: string) => {
    const all = await keys<string>(desk).catch(() => []);
    return all.filter((key) => key.startsWith(`${prefix}:`)).sort();
  };
  const valuesOf = async <T>(prefix: string): Promise<readonly T[]> => {
    const found = await Promise.all((await keysOf(prefix)).map((key) => get<T>(key, desk)));
    return found.filter((value) => value !== undefined);
  };
  return {
    async wasOpenHere() {
      const here = recall(inThisTab, "this");
      if (here === undefined) return false;
      return here === markOf(await get<string>("id", desk).catch(() => undefined));
    },
    steps: () => valuesOf<DeskStep>("step"),
    async maps(roots) {
      const found = (await keysOf("map")).map(
        async (key) => [key.slice(4), await get<PackedResult>(key, desk)] as const,
      );
      const maps = new Map<string, PackedResult>();
      for (const [key, map] of await Promise.all(found)) {
        if (map === undefined) continue;
        maps.set(String(Number(key)), { ...map, empty: foundSources(map.empty, roots) });
      }
      return maps;
    },
    form: () => get<FormState>("form", desk).catch(() => undefined),
    addStep(step, isFirst = false) {
      if (step.kind === "sample") {
        waiting = step;
        return;
      }
      then(async () => {
        if (isFirst) waiting = undefined;
        await begin();
        if (isFirst) await Promise.all((await keysOf("step")).map((key) => del(key, desk)));
        await set(`step:${number(String(++count))}`, step, desk);
        await summarize();
      });
    },
    setMaps(maps) {
      const isComputed = [...maps.values()].some((map) => map.isComputed);
      then(async () => {
        // The map that is shipped is there anyway.
        if (!isBegun && !isComputed) return;
        await begin();
        for (const key of known) if (!maps.has(key)) await del(`map:${number(key)}`, desk);
        for (const [key, map] of maps)
          if (!known.has(key)) await set(`map:${number(key)}`, keepable(await map.pack()), desk);
        known = new Set(maps.keys());
        await summarize();
      });
    },
    setForm(state) {
      then(async () => {
        if (isBegun) await set("form", state, desk);
      });
    },
    goOn() {
      then(async () => {
        own = (await get<string>("id", desk)) ?? own;
        isBegun = true;
        remember(inThisTab, markOf(own), "this");
        count = Number((await keysOf("step")).at(-1)?.split(":")[1] ?? 0);
        known = new Set((await keysOf("map")).map((key) => String(Number(key.slice(4)))));
      });
    },
    async forget() {
      await last;
      isBegun = false;
      known = new Set();
      await clear(desk).catch(() => {});
      clearKeptSummary();
    },
  };
}

/** The address belongs to it: another one asks for another desk. */
function markOf(id: string | undefined): string {
  return `${id} ${location.hash}`;
}

function keepable({ empty, places }: PackedResult): PackedResult {
  return { empty: namedSources(empty), places };
}

/** Digits that sort as numbers do. */
function number(digits: string): string {
  return digits.padStart(6, "0");
}
