export { recordBytes } from "./block";
export { plain, plainGradient } from "./plain";
export { gradientMany, gradientOne } from "./pooled-gradient";
export { largest } from "./rows";
export { winogradMany, winogradOne, winogradOneExact } from "./winograd";
