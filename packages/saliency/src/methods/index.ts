import type { MethodEntry } from "../method-options.ts";
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
import { smoothGradEntry, smoothGradSquaredEntry } from "./smooth-grad.ts";
import { varGradEntry } from "./var-grad.ts";

/** Every method by the name that users give it. */
export const methods = {
  gradients: gradientsEntry,
  "absolute-gradients": absoluteGradientsEntry,
  "squared-gradients": squaredGradientsEntry,
  "input-x-gradient": inputTimesGradientEntry,
  "integrated-gradients": integratedGradientsEntry,
  "expected-gradients": expectedGradientsEntry,
  smoothgrad: smoothGradEntry,
  "smoothgrad-squared": smoothGradSquaredEntry,
  vargrad: varGradEntry,
  "guided-backpropagation": guidedBackpropagationEntry,
  deconvolution: deconvolutionEntry,
  lrp: lrpEntry,
  "deep-lift": deepLiftEntry,
  "grad-cam": gradCamEntry,
  "grad-cam-plus-plus": gradCamPlusPlusEntry,
  hirescam: hiResCamEntry,
  layercam: layerCamEntry,
  "guided-grad-cam": guidedGradCamEntry,
  occlusion: occlusionEntry,
  "region-occlusion": regionOcclusionEntry,
  "kernel-shap": kernelShapEntry,
} as const satisfies Readonly<Record<string, MethodEntry>>;

/** Name of a method in the table, and on the command line. */
export type MethodName = keyof typeof methods;
