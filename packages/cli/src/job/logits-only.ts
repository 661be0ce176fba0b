import { tensor } from "@voxplain/core";
import type { AttributionMethod } from "@voxplain/saliency";

/** Nothing is attributed: maps without values. */
export const logitsOnly: AttributionMethod = async (model, input) => ({
  map: tensor("float32", [input.dims[0]!, 0], new Float32Array()),
  logits: await model.forward(input),
});
