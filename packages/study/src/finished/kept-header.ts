import { isObject } from "@voxplain/core";
import type { GroupCommon } from "../maps/group-maps.ts";

/** What a file of a store is about, without its sessions and arrays. */
export interface KeptHeader {
  /** What the sessions depend on, as a digest. */
  readonly key: string;
  /** In their order in the file. */
  readonly sessions: readonly (readonly [place: number, outcome: Outcome, length: number])[];
  /** What there is of their maps; absent where no sum is made, or none of them is kept. */
  readonly sums?: SumsHeader;
}

/** 0: skipped; 1: computed, and left out by `keepTrue`; 2: computed and kept. */
export type Outcome = 0 | 1 | 2;

/** What there is of the maps of its sessions, without the numbers themselves. */
export interface SumsHeader {
  readonly count: number;
  readonly common: GroupCommon;
  readonly arrays: readonly ArrayHeader[];
}

/** An array of the file. */
export interface ArrayHeader {
  readonly name: "maps" | "inputs" | "anatomy" | "recomposed" | "pieces";
  readonly values: "float32" | "float64" | "uint8" | "uint32";
  readonly dims: readonly number[];
  readonly length: number;
  readonly count: number;
}

/** The types of arrays, by their names in a header. */
export const arrayTypes = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  uint32: Uint32Array,
} as const;

/** Whether a header has the form in which it is written. */
export function isHeader(value: unknown): value is KeptHeader {
  if (!isObject(value) || typeof value.key !== "string" || !Array.isArray(value.sessions)) return false;
  const { sessions, sums } = value;
  return (
    sessions.every(isEntry) &&
    (sums === undefined ||
      (isObject(sums) &&
        isCount(sums.count) &&
        Array.isArray(sums.arrays) &&
        sums.arrays.every(isArrayHeader)))
  );
}

function isEntry(value: unknown): boolean {
  return Array.isArray(value) && value.length === 3 && value.every(isCount) && Number(value[1]) <= 2;
}

function isArrayHeader(value: unknown): boolean {
  return (
    isObject(value) &&
    ["maps", "inputs", "anatomy", "recomposed", "pieces"].includes(String(value.name)) &&
    Object.hasOwn(arrayTypes, String(value.values)) &&
    isCount(value.length) &&
    Array.isArray(value.dims)
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
