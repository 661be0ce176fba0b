import { forwardMethods } from "@voxplain/saliency";
import type { MethodFlags } from "./options.ts";

/** Whether the chosen method takes gradients: what compares logits only also explains networks that have none. */
export function needsGradient({ method, method_options: options = [] }: MethodFlags): boolean {
  const words = new Set([method, ...options]);
  return !forwardMethods().some((name) => words.has(name) || words.has(`inner_method=${name}`));
}
