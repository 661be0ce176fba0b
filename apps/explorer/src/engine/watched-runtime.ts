import type { ModelRuntime } from "@voxplain/core";

/** Who wants to know what a runtime does: the job that is at work. */
export interface Watcher {
  readonly signal?: AbortSignal | undefined;
  opening(): void;
  /** So many inputs went through the network. */
  passed(inputs: number): void;
}

/** A runtime whose runs end when the job at work is cancelled, and count for its progress. */
export function watchedRuntime(runtime: ModelRuntime, watcher: () => Watcher | undefined): ModelRuntime {
  return {
    executionProvider: runtime.executionProvider,
    lowering: runtime.lowering,
    version: runtime.version,
    async createSession(model) {
      // Not refused when the job was cancelled: the network would remember that it cannot be opened.
      watcher()?.opening();
      const session = await runtime.createSession(model);
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        async run(feeds, options) {
          const { signal, passed } = watcher() ?? {};
          const results = await session.run(feeds, { ...options, ...(signal && { signal }) });
          passed?.(Object.values(feeds)[0]?.dims[0] ?? 1);
          return results;
        },
        release: () => session.release(),
      };
    },
  };
}
