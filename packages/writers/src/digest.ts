/** The SHA-256 of bytes in lower-case hexadecimal digits, by the platform's Web Crypto. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // Web Crypto takes no SharedArrayBuffer; whole-file bytes are never in one.
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
