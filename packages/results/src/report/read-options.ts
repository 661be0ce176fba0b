import type { Anatomies } from "./anatomy.ts";

/** How a folder is read. */
export interface ReadOptions {
  readonly anatomies: Anatomies;
  /** Called as maps are read. */
  readonly onProgress: (done: number, total: number) => void;
}
