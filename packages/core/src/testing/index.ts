/**
 * What every runtime has to do, as cases that depend on no test runner.
 *
 * ```ts
 * import { runtimeContract } from "@voxplain/core/testing";
 * import { nodeRuntime } from "@voxplain/runtime-node";
 *
 * const [first] = runtimeContract(() => nodeRuntime({ executionProvider: "cpu" }));
 * await first?.run();
 * console.log(first?.name); // names the inputs and outputs of a model
 * ```
 * @module @voxplain/core/testing
 */
export type { ContractCase } from "./runtime-contract.ts";
export { runtimeContract } from "./runtime-contract.ts";
