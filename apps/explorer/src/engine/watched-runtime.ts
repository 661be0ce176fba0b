import type { ModelRuntime } from "@voxplain/core";

/** Who wants to know what a runtime does: the job that is at work. */
export interface Watcher {
  readonly signal?: AbortSignal | undefined;
  opening(): void;
  /** So many inputs went through the network. */
  passed(inputs: number): void;
}

export interface WatchedRuntime extends ModelRuntime {
  /** Sessions that hold memory. */
  readonly openSessions: number;
}

/** A runtime whose runs end when the job at work is cancelled, and count for its progress. */
export function watchedRuntime(runtime: ModelRuntime, watcher: () => Watcher | undefined): WatchedRuntime {
  let openSessions = 0;
  return {
    executionProvider: runtime.executionProvider,
    lowering: runtime.lowering,
    version: runtime.version,
    get openSessions() {
      return openSessions;
    },
    async createSession(model) {
      watcher()?.signal?.throwIfAborted();
      watcher()?.opening();
      const session = await runtime.createSession(model);
      openSessions++;
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        async run(feeds, options) {
          const { signal, passed } = watcher() ?? {};
          const results = await session.run(feeds, { ...options, ...(signal && { signal }) });
          passed?.(Object.values(feeds)[0]?.dims[0] ?? 1);
          return results;
        },
        async release() {
          openSessions--;
          await session.release();
        },
      };
    },
  };
}
