/** Reads a float32 .npy file: enough for the references, which numpy wrote. */
export function readNpy(bytes: Uint8Array): { data: Float32Array; dims: number[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getUint16(8, true);
  const header = new TextDecoder().decode(bytes.subarray(10, 10 + headerLength));
  if (!header.includes("'<f4'") || header.includes("'fortran_order': True"))
    throw new Error(`not float32 rows: ${header}`);
  const dims = /'shape': \(([^)]*)\)/
    .exec(header)![1]!
    .split(",")
    .filter((part) => part.trim() !== "")
    .map(Number);
  return { data: new Float32Array(Uint8Array.from(bytes.subarray(10 + headerLength)).buffer), dims };
}
