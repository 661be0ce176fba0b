/** A character for each byte. A TextDecoder does not give that: to it "latin1" is windows-1252, but in Node 20. */
export function latin1(bytes: Uint8Array): string {
  const pieces: string[] = [];
  // String.fromCharCode takes its arguments from the stack, which is not endless.
  for (let at = 0; at < bytes.length; at += 4096) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + 4096)));
  }
  return pieces.join("");
}
