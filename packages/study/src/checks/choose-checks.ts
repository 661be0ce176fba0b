import { type ModelRuntime, type Tensor, VoxplainError } from "@voxplain/core";
import type { Network } from "@voxplain/onnx-graph";
import {
  type AttributionMethod,
  type CheckResult,
  completeness,
  type DifferentiableModel,
  deletionAndInsertion,
  infidelity,
  maxSensitivity,
  parameterRandomization,
} from "@voxplain/saliency";

/** The options about checks, under the names they have on the command line. */
export interface CheckFlags {
  /** Names of checks; true, as "all", for every one. */
  readonly checks?: readonly string[] | true | undefined;
}

/** A map that is checked, and what it was made with. */
export interface CheckedMap {
  readonly network: Network;
  /** The network as it is open. */
  readonly model: DifferentiableModel;
  /** [1, ...inputDims] */
  readonly input: Tensor<"float32">;
  /** [1, C, ...], C being the input's channels or 1. */
  readonly map: Tensor<"float32">;
  readonly delta?: number;
  readonly target: number;
}

export type MapCheck = (map: CheckedMap) => Promise<CheckResult>;

export interface CheckSettings extends CheckFlags {
  readonly method: AttributionMethod;
  readonly runtime: ModelRuntime;
  readonly seed?: number | undefined;
  readonly chunkSize?: number | undefined;
}

export const checkNames = [
  "completeness",
  "cascading-randomization",
  "independent-randomization",
  "deletion-insertion",
  "infidelity",
  "max-sensitivity",
] as const;

/**
 * All checks that were asked for in one, or undefined where none was.
 * @throws VoxplainError `invalid-argument` for an unknown name, saying which there are.
 */
export function chooseChecks(settings: CheckSettings): MapCheck | undefined {
  if (settings.checks === undefined) return undefined;
  const all = settings.checks === true || settings.checks.includes("all");
  const names: readonly string[] = all ? checkNames : (settings.checks as readonly string[]);
  const table = checksWith(settings);
  const checks = [...new Set(names)].map((name) => {
    if (Object.hasOwn(table, name)) return table[name as keyof typeof table];
    throw new VoxplainError(
      "invalid-argument",
      `there is no check "${name}" (--checks); there are ${checkNames.join(", ")}, all`,
    );
  });
  return async (map) => {
    const results: CheckResult[] = [];
    for (const check of checks) results.push(await check(map));
    return { rows: results.flatMap(({ rows }) => rows), curves: results.flatMap(({ curves }) => curves) };
  };
}

function checksWith({ method, runtime, seed = 0, chunkSize }: CheckSettings) {
  const options = { seed, chunkSize };
  const randomization =
    (order: "cascading" | "independent"): MapCheck =>
    ({ network, input, target }) =>
      parameterRandomization(network, runtime, method, input, target, { order, seed });
  return {
    async completeness({ map, delta }) {
      const { rows } = completeness({ map, ...(delta !== undefined && { delta: [delta] }) });
      return { rows: rows.map((row) => ({ ...row, parameter: "" })), curves: [] };
    },
    "cascading-randomization": randomization("cascading"),
    "independent-randomization": randomization("independent"),
    "deletion-insertion": ({ model, map, input, target }) =>
      deletionAndInsertion(model, map, input, target, options),
    infidelity: ({ model, map, input, target }) => infidelity(model, map, input, target, options),
    "max-sensitivity": ({ model, input, target }) => maxSensitivity(model, method, input, target, options),
  } satisfies Record<(typeof checkNames)[number], MapCheck>;
}
