export interface Threads {
  readonly count: number;
  /** Why there are fewer than there could be, and what to do. */
  readonly note?: string;
}

/** More threads than this gain nothing for one volume. */
const most = 8;

/** Threads share memory, which browsers allow to cross-origin isolated pages only. */
export function usableThreads(wanted?: number): Threads {
  // Node has no such property, and may always share memory.
  const isolated: boolean = globalThis.crossOriginIsolated ?? typeof SharedArrayBuffer === "function";
  const cores = globalThis.navigator?.hardwareConcurrency ?? 1;
  if (isolated) return { count: wanted ?? Math.min(most, cores) };
  const note =
    "WebAssembly computes with one thread, because the page is not cross-origin isolated: serve it with the " +
    "headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";
  return wanted === 1 ? { count: 1 } : { count: 1, note };
}
