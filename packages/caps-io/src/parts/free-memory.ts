/** Frees memory at once: what looks at it is empty afterwards. Memory that several threads share stays. */
export function freeMemory(buffer: ArrayBufferLike): void {
  if (!(buffer instanceof ArrayBuffer)) return;
  if ("transfer" in buffer && typeof buffer.transfer === "function") {
    buffer.transfer(0);
    return;
  }
  // Node 20 has no `transfer`: a buffer posted to a port without a listener is freed.
  const { port1 } = new MessageChannel();
  port1.close();
  port1.postMessage(undefined, [buffer]);
}
