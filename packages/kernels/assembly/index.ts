export { recordBytes } from "./block";
export { plain, plainGradient } from "./plain";
export { gradientMany, gradientOne, rectify } from "./pooled-gradient";
export { largest } from "./rows";
export { winogradMany, winogradOne, winogradOneExact } from "./winograd";
