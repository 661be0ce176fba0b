import type { AttributionMethod } from "../attribution.ts";
import { defineMethod } from "../define-method.ts";
import { exactly } from "../passes.ts";
import { type ClassActivationMapOptions, classActivationMapOptions } from "./class-activation-map.ts";
import { gradCam } from "./grad-cam.ts";
import { guidedBackpropagation } from "./guided-backpropagation.ts";
import { multiply } from "./multiply.ts";

/**
 * Grad-CAM times guided backpropagation, voxel by voxel.
 * Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra 2017, arXiv:1610.02391.
 * @throws VoxplainError `invalid-argument` for a layer that does not exist or has no spatial axes.
 */
export function guidedGradCam(options: ClassActivationMapOptions = {}): AttributionMethod {
  return multiply(gradCam(options), guidedBackpropagation);
}

export const guidedGradCamEntry = defineMethod({
  name: "guided-grad-cam",
  title: "Guided Grad-CAM",
  summary:
    "Grad-CAM times guided backpropagation: fine detail where a late layer has evidence for the target",
  paper: "Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra 2017, arXiv:1610.02391",
  options: classActivationMapOptions,
  passes: () => exactly(2),
  create: guidedGradCam,
});
