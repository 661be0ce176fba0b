import { isVoxplainError } from "@voxplain/core";
import type { EngineProgress, JobOptions } from "../engine/engine.ts";
import { button, element } from "./element.ts";

/** Runs one job at a time, and tells how far it is, how it ended, and what went wrong. */
export interface JobBar {
  readonly node: HTMLElement;
  /** Undefined where it failed, was cancelled, or another job runs; the bar says which. */
  run<T>(title: string, job: (options: Required<JobOptions>) => Promise<T>): Promise<T | undefined>;
  say(message: string): void;
  complain(problems: readonly string[]): void;
}

/** `onBusy` is told when a job begins and ends: what would start another has to wait. */
export function jobBar(onBusy: (busy: boolean) => void): JobBar {
  let current: AbortController | undefined;
  const text = element("p", { class: "job-text", role: "status", "aria-live": "polite" }, "Ready.");
  const bar = element("progress", { max: 1, "aria-label": "Progress", hidden: true });
  const left = element("span", { class: "job-left" });
  const cancel = button("Cancel", () => current?.abort(), { class: "quiet", hidden: true });
  const list = element("ul");
  const dismiss = button("Dismiss", () => setProblems([]), { class: "quiet" });
  const problems = element("div", { class: "problems", role: "alert", hidden: true }, list, dismiss);
  const node = element(
    "footer",
    { class: "job-bar", "aria-label": "Status" },
    problems,
    element("div", { class: "job" }, text, bar, left, cancel),
  );

  const setProblems = (sentences: readonly string[]) => {
    list.replaceChildren(...sentences.map((sentence) => element("li", {}, sentence)));
    problems.hidden = sentences.length === 0;
  };
  const setBusy = (busy: boolean) => {
    bar.hidden = !busy;
    cancel.hidden = !busy;
    left.textContent = "";
    node.setAttribute("aria-busy", String(busy));
    onBusy(busy);
  };
  const show = (title: string, { step, fraction, secondsLeft }: EngineProgress) => {
    text.textContent = `${title}: ${step}`;
    if (fraction === undefined) bar.removeAttribute("value");
    else bar.value = fraction;
    left.textContent = secondsLeft === undefined ? "" : `${durationOf(secondsLeft)} left`;
  };

  return {
    node,
    async run(title, job) {
      if (current !== undefined) return undefined;
      const controller = new AbortController();
      current = controller;
      setProblems([]);
      text.textContent = `${title} …`;
      bar.removeAttribute("value");
      setBusy(true);
      try {
        const result = await job({
          signal: controller.signal,
          onProgress: (progress) => show(title, progress),
        });
        text.textContent = "Ready.";
        return result;
      } catch (error) {
        text.textContent = controller.signal.aborted ? `Cancelled: ${title}.` : `Failed: ${title}.`;
        if (!controller.signal.aborted) setProblems([sentenceOf(error)]);
        return undefined;
      } finally {
        current = undefined;
        setBusy(false);
      }
    },
    say(message) {
      text.textContent = message;
    },
    complain: setProblems,
  };
}

/** What can be done about an error of ours is in its message; of another kind its kind is told, too. */
export function sentenceOf(error: unknown): string {
  if (isVoxplainError(error)) return error.message.replace(/^./, (first) => first.toUpperCase());
  if (error instanceof Error) return `Something unexpected happened (${error.name}): ${error.message}`;
  return `Something unexpected happened: ${String(error)}`;
}

function durationOf(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  return whole < 90 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}
