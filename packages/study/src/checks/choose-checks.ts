import { type ModelRuntime, type Tensor, VoxplainError } from "@voxplain/core";
import type { Network } from "@voxplain/onnx-graph";
import {
  type AttributionMethod,
  type CheckResult,
  completeness,
  type DifferentiableModel,
  deletionAndInsertion,
  deletionAndInsertionPasses,
  infidelity,
  infidelityPasses,
  maxSensitivity,
  maxSensitivityPasses,
  type Passes,
  parameterRandomization,
  parameterRandomizationPasses,
  type WatchOptions,
} from "@voxplain/saliency";

/** What is measured of each map. */
export interface CheckRequest {
  /** Names of checks; "all" for every one. */
  readonly names: readonly string[];
  /** Random seed; default 0. */
  readonly seed?: number | undefined;
  /** Inputs that go through the network at once; default: as many as fit in some memory. */
  readonly chunkSize?: number | undefined;
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

/** Checks that can be asked for. */
export const checkNames = [
  "completeness",
  "cascading-randomization",
  "independent-randomization",
  "deletion-insertion",
  "infidelity",
  "max-sensitivity",
] as const;

/** @throws VoxplainError `invalid-argument` for an unknown name, saying which there are. */
export function checkNamesOf({ names }: CheckRequest): readonly CheckName[] {
  if (names.includes("all")) return checkNames;
  return [...new Set(names)].map((name) => {
    const known = checkNames.find((one) => one === name);
    if (known !== undefined) return known;
    throw new VoxplainError("invalid-argument", `there is no check "${name}" (--checks)`, {
      expected: `one of ${checkNames.join(", ")}, all`,
    });
  });
}

/** What checks compute with. */
interface CheckContext extends WatchOptions {
  readonly method: AttributionMethod;
  readonly runtime: ModelRuntime;
}

/** All checks that are asked for in one. */
export function chooseChecks(request: CheckRequest, context: CheckContext): MapCheck {
  const table = checksWith(request, context);
  const checks = checkNamesOf(request).map((name) => table[name]);
  return async (map) => {
    const results: CheckResult[] = [];
    for (const check of checks) results.push(await check(map));
    return { rows: results.flatMap(({ rows }) => rows), curves: results.flatMap(({ curves }) => curves) };
  };
}

type CheckName = (typeof checkNames)[number];

/**
 * How often one part goes through the network, and through copies of it with other weights, while its map is checked.
 * @param ofMethod - How often it does for its map.
 */
export function passesOfChecks(request: CheckRequest, network: Network, ofMethod: Passes): Passes {
  const randomization = () => parameterRandomizationPasses(network, ofMethod);
  const table = {
    completeness: () => ({ least: 0, most: 0 }),
    "cascading-randomization": randomization,
    "independent-randomization": randomization,
    "deletion-insertion": () => deletionAndInsertionPasses(),
    infidelity: () => infidelityPasses(),
    "max-sensitivity": () => maxSensitivityPasses(ofMethod),
  } satisfies Record<CheckName, () => Passes>;
  return checkNamesOf(request)
    .map((name) => table[name]())
    .reduce((sum, { least, most }) => ({ least: sum.least + least, most: sum.most + most }), {
      least: 0,
      most: 0,
    });
}

function checksWith(
  { seed = 0, chunkSize }: CheckRequest,
  { method, runtime, signal, onPass }: CheckContext,
) {
  const options = { seed, chunkSize, signal, onPass };
  const randomization =
    (order: "cascading" | "independent"): MapCheck =>
    ({ network, input, target }) =>
      parameterRandomization(network, runtime, method, input, target, { ...options, order });
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
  } satisfies Record<CheckName, MapCheck>;
}
