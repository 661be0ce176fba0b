import { setTimeout as wait } from "node:timers/promises";
import { sayLines } from "./print-lines.ts";
import { beforeSignalEnds } from "./signals.ts";

/** Seconds that a session which is nearly finished is waited for, and that everything is when a signal comes. */
const longestSession = 2;
const longestEnd = 10;

/** How a job ends when a signal asks it to: what is finished stays. */
export interface Stopping {
  /** Aborted where the session that is being computed is not waited for. */
  readonly signal: AbortSignal;
  /** Whether a signal came. */
  readonly isAsked: boolean;
  /** What is said when a signal came. */
  onStop(sentence: (() => string) | undefined): void;
  /** How long a session takes: one that takes longer than 2 s is not waited for. */
  took(seconds: number): void;
  /** @throws What the work ends with, where a signal came. */
  throwIfAsked(): void;
  /** The work has ended. Where a signal came it ends the program: this never resolves. */
  end(): Promise<void>;
}

/** Listens from now on. */
export function stoppingOn(): Stopping {
  const controller = new AbortController();
  let isAsked = false;
  let sentence: (() => string) | undefined;
  let usual = Number.POSITIVE_INFINITY;
  let settle = () => {};
  const ended = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const stopListening = beforeSignalEnds(async (signal) => {
    isAsked = true;
    const reason = new Error(`stopped by ${signal}`);
    if (usual > longestSession) controller.abort(reason);
    const timer = setTimeout(() => controller.abort(reason), longestSession * 1000);
    await Promise.race([ended, wait(longestEnd * 1000)]);
    clearTimeout(timer);
    if (sentence !== undefined) sayLines(`voxplain: ${reason.message}: ${sentence()}`);
  });
  return {
    signal: controller.signal,
    get isAsked() {
      return isAsked;
    },
    onStop(text) {
      sentence = text;
    },
    took(seconds) {
      usual = seconds;
    },
    throwIfAsked() {
      if (isAsked) throw controller.signal.reason ?? new Error("stopped");
    },
    async end() {
      settle();
      if (isAsked) await new Promise<never>(() => {});
      stopListening();
    },
  };
}
