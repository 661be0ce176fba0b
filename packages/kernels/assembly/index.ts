export { recordBytes } from "./block";
export { letThrough } from "./deconvolution";
export { directGradient } from "./direct-gradient";
export { direct, plain, plainGradient } from "./plain";
export { gradientMany, gradientOne, rectify } from "./pooled-gradient";
export { largest } from "./rows";
export { scatterGradient } from "./scatter-gradient";
export { winogradMany } from "./winograd";
export { winogradOne } from "./winograd-one";
