import type { MethodEntry } from "../method-options.ts";
import { gradientsEntry } from "./gradients.ts";

/** Every method by the name that users give it. */
export const methods = {
  gradients: gradientsEntry,
} as const satisfies Readonly<Record<string, MethodEntry>>;

export type MethodName = keyof typeof methods;
