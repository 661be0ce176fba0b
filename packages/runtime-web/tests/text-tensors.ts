import { toBytes as bytesOf, type DType, fromBytes, type NamedTensors, type Tensor } from "@voxplain/core";

/** Tensors as JSON: their bytes in base64. */
export type TextTensors = Readonly<
  Record<string, { readonly dtype: DType; readonly dims: readonly number[]; readonly bytes: string }>
>;

export function encodeTensors(tensors: NamedTensors): TextTensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, found]) => [
      name,
      { dtype: found.dtype, dims: found.dims, bytes: toText(bytesOf(found)) },
    ]),
  );
}

export function decodeTensors(texts: TextTensors): NamedTensors {
  return Object.fromEntries(
    Object.entries(texts).map(([name, { dtype, dims, bytes }]) => [
      name,
      { dtype, dims, data: fromBytes(dtype, toBytes(bytes)) } as Tensor,
    ]),
  );
}

export function toBytes(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export function toText(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += 2 ** 15) {
    parts.push(String.fromCharCode(...bytes.subarray(start, start + 2 ** 15)));
  }
  return btoa(parts.join(""));
}
