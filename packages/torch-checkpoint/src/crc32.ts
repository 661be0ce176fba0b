import { crc32Final, crc32Update } from "@foxglove/crc";

/** The CRC-32 of what had the CRC-32 `sum` (0: nothing yet), followed by these bytes. */
type Crc32 = (bytes: Uint8Array, sum?: number) => number;

/** The part of Node that is used where the code runs there: `crc32` since 20.15 and 22.2. */
interface Node {
  readonly process?: { getBuiltinModule?(name: string): { readonly crc32?: Crc32 } | undefined };
}

/** Everywhere. The library keeps the complement of the sum while it runs. */
const inJavaScript: Crc32 = (bytes, sum = 0) => crc32Final(crc32Update(~sum, bytes));

/**
 * By Node's own zlib, which takes less than half the time, where there is one. It is asked of the runtime and not
 * imported, since browsers have no such module.
 */
export const crc32: Crc32 =
  (globalThis as Node).process?.getBuiltinModule?.("node:zlib")?.crc32 ?? inJavaScript;
