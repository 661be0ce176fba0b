import type { MethodEntry } from "../method-entry.ts";
import { absoluteGradientsEntry, squaredGradientsEntry } from "./absolute-and-squared.ts";
import { deconvolutionEntry } from "./deconvolution.ts";
import { deepLiftEntry } from "./deep-lift.ts";
import { expectedGradientsEntry } from "./expected-gradients.ts";
import { gradCamEntry } from "./grad-cam.ts";
import { gradCamPlusPlusEntry } from "./grad-cam-plus-plus.ts";
import { gradientsEntry } from "./gradients.ts";
import { guidedBackpropagationEntry } from "./guided-backpropagation.ts";
import { guidedGradCamEntry } from "./guided-grad-cam.ts";
import { hiResCamEntry } from "./hi-res-cam.ts";
import { inputTimesGradientEntry } from "./input-times-gradient.ts";
import { integratedGradientsEntry } from "./integrated-gradients.ts";
import { kernelShapEntry } from "./kernel-shap.ts";
import { layerCamEntry } from "./layer-cam.ts";
import { lrpEntry } from "./lrp.ts";
import { occlusionEntry } from "./occlusion.ts";
import { regionOcclusionEntry } from "./region-occlusion.ts";
import { shapleyValueSamplingEntry } from "./shapley-value-sampling.ts";
import { smoothGradEntry, smoothGradSquaredEntry } from "./smooth-grad.ts";
import { varGradEntry } from "./var-grad.ts";

export { absolute, squared } from "./absolute-and-squared.ts";
export { deconvolution } from "./deconvolution.ts";
export { type DeepLiftOptions, deepLift } from "./deep-lift.ts";
export { type ExpectedGradientsOptions, expectedGradients } from "./expected-gradients.ts";
export { gradCam } from "./grad-cam.ts";
export { gradCamPlusPlus } from "./grad-cam-plus-plus.ts";
export { gradients } from "./gradients.ts";
export { guidedBackpropagation } from "./guided-backpropagation.ts";
export { guidedGradCam } from "./guided-grad-cam.ts";
export { hiResCam } from "./hi-res-cam.ts";
export { inputTimesGradient } from "./input-times-gradient.ts";
export { type IntegratedGradientsOptions, integratedGradients } from "./integrated-gradients.ts";
export { type KernelShapOptions, kernelShap } from "./kernel-shap.ts";
export { layerCam } from "./layer-cam.ts";
export { type LrpOptions, lrp } from "./lrp.ts";
export { type OcclusionOptions, occlusion } from "./occlusion.ts";
export { type RegionOcclusionOptions, regionOcclusion } from "./region-occlusion.ts";
export { type ShapleyValueSamplingOptions, shapleyValueSampling } from "./shapley-value-sampling.ts";
export { smoothGrad, smoothGradSquared } from "./smooth-grad.ts";
export { varGrad } from "./var-grad.ts";

/** Every method by the name that users give it, in the order of the help. */
export const methods = tableOf(
  gradientsEntry,
  absoluteGradientsEntry,
  squaredGradientsEntry,
  inputTimesGradientEntry,
  integratedGradientsEntry,
  expectedGradientsEntry,
  smoothGradEntry,
  smoothGradSquaredEntry,
  varGradEntry,
  guidedBackpropagationEntry,
  deconvolutionEntry,
  lrpEntry,
  deepLiftEntry,
  gradCamEntry,
  gradCamPlusPlusEntry,
  hiResCamEntry,
  layerCamEntry,
  guidedGradCamEntry,
  occlusionEntry,
  regionOcclusionEntry,
  kernelShapEntry,
  shapleyValueSamplingEntry,
);

/** Name of a method in the table, and on the command line. */
export type MethodName = keyof typeof methods;

type TableOf<Entries extends readonly MethodEntry[]> = {
  readonly [Entry in Entries[number] as Entry["name"]]: Entry;
};

function tableOf<const Entries extends readonly MethodEntry[]>(...entries: Entries): TableOf<Entries> {
  // The keys are the names of the entries.
  return Object.fromEntries(entries.map((entry) => [entry.name, entry])) as TableOf<Entries>;
}
