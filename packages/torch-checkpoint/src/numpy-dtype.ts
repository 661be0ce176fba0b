import { type DType, numpyTypes, VoxplainError } from "@voxplain/core";
import { shown } from "./pickle-limits.ts";

/** What numpy pickles of an element type: "f8" and the byte order. */
export interface NumpyDtype {
  readonly kind: "numpy dtype";
  readonly dtype: DType;
  /** Bytes of one text: an array of texts is read as their bytes, along one more axis. */
  readonly textBytes?: number;
  littleEndian: boolean;
}

/** `numpy.dtype("f8", …)`. @throws VoxplainError `unsupported` for dates, objects and records. */
export function numpyDtype(name: unknown): NumpyDtype {
  const [, letter, length] = typeof name === "string" ? (/^[<>=|]?([SU])(\d{1,6})$/.exec(name) ?? []) : [];
  if (letter !== undefined) {
    const textBytes = Number(length) * (letter === "U" ? 4 : 1);
    return { kind: "numpy dtype", dtype: "uint8", textBytes, littleEndian: true };
  }
  const dtype = typeof name === "string" ? numpyTypes.get(name.replace(/^[<>=|]/, "")) : undefined;
  if (typeof name !== "string" || dtype === undefined) {
    throw new VoxplainError(
      "unsupported",
      `it holds a numpy value of the type ${shown(name)}, which is not supported`,
    );
  }
  return { kind: "numpy dtype", dtype, littleEndian: !name.startsWith(">") };
}

/** The state of a dtype: (version, byte order, …). */
export function setDtypeState(dtype: NumpyDtype, state: unknown): void {
  if (Array.isArray(state)) dtype.littleEndian = state[1] !== ">";
}

export function isNumpyDtype(value: unknown): value is NumpyDtype {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "numpy dtype";
}
