import { type MethodName, methods } from "./methods/index.ts";

/** The methods that only run the network forwards, and so explain any network that runs. */
export function forwardMethods(): readonly MethodName[] {
  const names = Object.keys(methods) as MethodName[];
  return names.filter((name) => !methods[name].needsGradient);
}
