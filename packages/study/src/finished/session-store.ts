import type { RangeReader } from "@voxplain/core";

/** Where finished sessions are kept while their job is not: a folder, or a test's Map. */
export interface SessionStore {
  /** For messages. */
  readonly name: string;
  /** The names of what is there, in any order. */
  list(): Promise<readonly string[]>;
  /** Opens what has this name; undefined where there is none. */
  open(name: string): Promise<RangeReader | undefined>;
  /** Keeps pieces under a name, whole or not at all; of several writers the last one wins. */
  write(name: string, pieces: readonly Uint8Array[]): StoreWrite;
  /** Removes what has this name, where there is something. */
  remove(name: string): Promise<void>;
}

/** Something on its way into a store. */
export interface StoreWrite {
  /** Resolves when the pieces are not read any more. */
  readonly taken: Promise<void>;
  /** Resolves when it has its name, and survives the end of the program. */
  readonly kept: Promise<void>;
}
