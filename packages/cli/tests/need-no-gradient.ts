import { type MethodEntry, methods } from "@voxplain/saliency";

/** The methods that only run the network forwards. */
export const forwardOnly: readonly MethodEntry[] = Object.values<MethodEntry>(methods).filter(
  ({ needs }) => needs === "forward",
);

const names = forwardOnly.map(({ name }) => name);

/** What the refusal of a network without gradients offers. */
export const needNoGradient = `${names.slice(0, -1).join(", ")} and ${names.at(-1)} need no gradient`;
