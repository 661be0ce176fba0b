/** Reserves places in a memory that does not exist yet; their content is written once it does. */
export interface Arena {
  /** A place of that many bytes, apart from all others. */
  take(bytes: number): number;
  /** A place with these values. */
  put(values: Float32Array | Float64Array): number;
  /** Bytes up to here. */
  size(): number;
  /** Everything that was put, with its places. */
  contents(): readonly (readonly [at: number, values: Float32Array | Float64Array])[];
}

/** The kernels have no data of their own; the first place only must not be 0. */
const start = 128;

export function arena(): Arena {
  let end = start;
  const contents: [number, Float32Array | Float64Array][] = [];
  const take = (bytes: number) => {
    const at = end;
    end = Math.ceil((at + bytes + 64) / 128) * 128; // a vector that is read beyond the end touches no other place
    return at;
  };
  return {
    take,
    put(values) {
      const at = take(values.byteLength);
      contents.push([at, values]);
      return at;
    },
    size: () => end,
    contents: () => contents,
  };
}
