/**
 * What every runtime has to do, as cases that depend on no test runner.
 * @module @voxplain/core/testing
 */
export type { ContractCase } from "./runtime-contract.ts";
export { runtimeContract } from "./runtime-contract.ts";
