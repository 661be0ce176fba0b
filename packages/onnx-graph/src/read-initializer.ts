import type { Tensor } from "@voxplain/core";
import { type Initializer, isInMemory } from "./model.ts";

/** The weight as a tensor, read where it is not in memory. */
export async function readInitializer(initializer: Initializer): Promise<Tensor> {
  return isInMemory(initializer) ? initializer : initializer.read();
}
