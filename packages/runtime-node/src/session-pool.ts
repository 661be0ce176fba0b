import type { InferenceSession } from "@voxplain/core";

/** Sessions of one model as a single one, whose runs are computed beside each other. */
export function sessionPool(sessions: readonly [InferenceSession, ...InferenceSession[]]): InferenceSession {
  const [first, ...others] = sessions;
  if (others.length === 0) return first;
  const waiting = new Map(sessions.map((session) => [session, 0]));
  const add = (session: InferenceSession, runs: number) => {
    waiting.set(session, (waiting.get(session) ?? 0) + runs);
  };
  return {
    inputNames: first.inputNames,
    outputNames: first.outputNames,
    ...(first.kernels && { kernels: first.kernels }),
    async run(feeds, options) {
      const [idlest] = [...waiting].reduce((a, b) => (b[1] < a[1] ? b : a));
      add(idlest, 1);
      try {
        return await idlest.run(feeds, options);
      } finally {
        add(idlest, -1);
      }
    },
    async release() {
      await Promise.all(sessions.map((session) => session.release()));
    },
  };
}
