// Arrays in memory that workers share. A page without cross-origin isolation has none; workers then get copies.

export function sharedFloat32(length: number): Float32Array {
  return new Float32Array(sharedBytes(4 * length));
}

export function sharedFloat64(length: number): Float64Array {
  return new Float64Array(sharedBytes(8 * length));
}

export function sharedInt32(length: number): Int32Array {
  return new Int32Array(sharedBytes(4 * length));
}

function sharedBytes(length: number): ArrayBuffer | SharedArrayBuffer {
  return typeof SharedArrayBuffer === "undefined" ? new ArrayBuffer(length) : new SharedArrayBuffer(length);
}
