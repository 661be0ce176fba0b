import type { Row } from "../table-text.ts";

/** What a path is that is not a model, and what to do with it. */
export interface OtherPath {
  /** For people, and for programs. */
  readonly kind:
    | "model folder above"
    | "model folders below"
    | "CAPS"
    | "BIDS dataset"
    | "table"
    | "label lists"
    | "images"
    | "result";
  /** What was found, for people. */
  readonly rows: readonly Row[];
  /** Sentences: what was done, such as leaving images out. */
  readonly notes?: readonly string[];
  /** Sentences: what is wrong. */
  readonly problems: readonly string[];
  /** To paste. */
  readonly commands: readonly string[];
}
