/**
 * The `voxplain` command, for programs that want to run it in their own process.
 *
 * ```ts
 * import { main } from "@voxplain/cli";
 *
 * const status = await main(["--version"]); // 0
 * ```
 * @module @voxplain/cli
 */
export { main } from "./main.ts";
