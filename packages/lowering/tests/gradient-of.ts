import { differentiate } from "@voxplain/onnx-autodiff";
import type { Model } from "@voxplain/onnx-graph";

export const gradientOf = (model: Model): Model => differentiate(model).model;
