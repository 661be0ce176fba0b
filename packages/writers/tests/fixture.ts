import { readFileSync } from "node:fs";
import { elementCount, type Tensor, tensor } from "@voxplain/core";

export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));
}

export function jsonFixture(name: string): unknown {
  return JSON.parse(new TextDecoder().decode(fixture(name)));
}

/** n ↦ n / 8 − 3, as make_fixtures.py fills its arrays. */
export function rampOf(dims: readonly number[]): Tensor<"float32"> {
  return tensor(
    "float32",
    dims,
    Float32Array.from({ length: elementCount(dims) }, (_, n) => n / 8 - 3),
  );
}
