import type { MethodEntry } from "@voxplain/saliency";

/** Whether a method has another one inside it. None such can itself be inside one: both would share an option. */
export function takesMethod({ options }: MethodEntry): boolean {
  return Object.values(options).some(({ kind }) => kind === "method");
}
