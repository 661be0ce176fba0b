import type { CheckFlags } from "../checks/choose-checks.ts";

/** The options that choose a method, and checks of its maps, under the names they have on the command line. */
export interface MethodFlags extends CheckFlags {
  readonly method: string;
  /** "name=value", names in snake_case. */
  readonly method_options?: readonly string[];
  readonly layer?: string;
  readonly seed?: number;
  readonly chunk_size?: number;
}
