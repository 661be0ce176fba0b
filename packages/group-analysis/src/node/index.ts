/**
 * What comparisons need of Node: threads that compute relabellings, and a file for data that does not fit into memory.
 *
 * ```ts
 * import { identityAffine } from "@voxplain/core";
 * import { compareMaps, design } from "@voxplain/group-analysis";
 * import { fileStore, threads } from "@voxplain/group-analysis/node";
 *
 * const rows = (group: string) => [1, 2, 3, 4].map((k) => ({ participant: `${group}-${k}` }));
 * const plan = design({ a: rows("AD"), b: rows("CN") });
 * const maps = plan.maps.map((_, k) => Float32Array.from({ length: 8 }, (_, v) => Math.sin(7 * k + v)));
 * const grid = { shape: [2, 2, 2], affine: identityAffine } as const;
 * const found = await compareMaps(
 *   { design: plan, grid, maps },
 *   { runners: threads(2), memory: { limit: 2 ** 30, store: fileStore } },
 * );
 * console.log(found.permutations); // 70
 * ```
 * @module @voxplain/group-analysis/node
 */
export { fileStore } from "./file-store.ts";
export { type ThreadOptions, threads } from "./threads.ts";
