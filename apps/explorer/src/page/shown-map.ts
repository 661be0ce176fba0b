import type { Explanation, ExplorerModel } from "../engine/engine.ts";
import type { Drawn } from "../viewer/drawn.ts";

/** A map that is shown. */
export interface Result {
  readonly drawn: Drawn;
  /** What it explains; undefined for what was found in many maps. */
  readonly explained: ExplainedMap | undefined;
  /** Its NIfTI, where it was made as a file. */
  readonly file?: Blob;
}

/** An explanation, and the model as it was when it was made. */
export interface ExplainedMap {
  readonly explanation: Explanation;
  readonly model: ExplorerModel;
  /** Versions of what computed it, by name. */
  readonly versions: Readonly<Record<string, string>>;
}
