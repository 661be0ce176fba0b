import { button, element } from "../element.ts";
import type { EngineProgress, JobOptions } from "../engine/engine.ts";
import { sentenceFrom, sentenceOf } from "./sentences.ts";

/** What a job is about: its problems stay until the next job of the same kind begins, or the user dismisses them. */
export type JobKind = "opening" | "computing";

/** Runs one job at a time, and shows how far it is, how it ended, and what went wrong. */
export interface JobBar {
  readonly node: HTMLElement;
  /** Undefined where it failed, was cancelled, or another job runs; the bar says which. */
  run<T>(
    kind: JobKind,
    title: string,
    job: (options: Required<JobOptions>) => Promise<T>,
  ): Promise<T | undefined>;
  say(message: string): void;
  /** Shows problems in the place of those of the same kind; without any, those stay. */
  complain(kind: JobKind, problems: readonly string[]): void;
  /** All problems are of files that are closed now. */
  forgetProblems(): void;
}

/** `onBusy` is called when a job begins and ends: another one must not start in between. */
export function jobBar(onBusy: (busy: boolean) => void): JobBar {
  let current: AbortController | undefined;
  // Read out when a job begins and ends; its steps, which follow fast, are there to be looked at.
  const text = element("span", { class: "job-text", role: "status", "aria-live": "polite" }, "Ready.");
  const step = element("span", { class: "job-step" });
  const bar = element("progress", { max: 1, "aria-label": "Progress", hidden: true });
  const left = element("span", { class: "job-left" });
  const cancel = button("Cancel", () => current?.abort(), { class: "quiet", hidden: true });
  const list = element("ul");
  const known = new Map<JobKind, readonly string[]>();
  const dismiss = button("Dismiss", () => forgetProblems(), { class: "quiet" });
  const problems = element("div", { class: "problems", role: "alert", hidden: true }, list, dismiss);
  const node = element(
    "footer",
    { class: "job-bar", "aria-label": "Status" },
    problems,
    element("div", { class: "job" }, element("p", {}, text, step), bar, left, cancel),
  );

  const showProblems = () => {
    const sentences = [...new Set([...known.values()].flat())];
    list.replaceChildren(...sentences.map((sentence) => element("li", {}, sentenceFrom(sentence))));
    problems.hidden = sentences.length === 0;
  };
  const setProblems = (kind: JobKind, sentences: readonly string[]) => {
    known.set(kind, sentences);
    showProblems();
  };
  const forgetProblems = () => {
    known.clear();
    showProblems();
  };
  const setBusy = (busy: boolean) => {
    bar.hidden = !busy;
    cancel.hidden = !busy;
    left.textContent = "";
    step.textContent = "";
    node.setAttribute("aria-busy", String(busy));
    onBusy(busy);
  };
  const show = ({ step: at, fraction, secondsLeft }: EngineProgress) => {
    step.textContent = `: ${at}`;
    if (fraction === undefined) bar.removeAttribute("value");
    else bar.value = fraction;
    left.textContent = secondsLeft === undefined ? "" : `${durationOf(secondsLeft)} left`;
  };

  return {
    node,
    async run(kind, title, job) {
      if (current !== undefined) {
        setProblems(kind, [
          `${title} was not begun: wait until what runs has ended, or cancel it, and try again`,
        ]);
        return undefined;
      }
      const controller = new AbortController();
      current = controller;
      setProblems(kind, []);
      text.textContent = title;
      bar.removeAttribute("value");
      setBusy(true);
      try {
        const result = await job({ signal: controller.signal, onProgress: show });
        text.textContent = `${title}: done.`;
        return result;
      } catch (error) {
        text.textContent = controller.signal.aborted ? `Cancelled: ${title}.` : `Failed: ${title}.`;
        if (!controller.signal.aborted) setProblems(kind, [sentenceOf(error)]);
        return undefined;
      } finally {
        current = undefined;
        setBusy(false);
      }
    },
    say(message) {
      text.textContent = message;
    },
    complain(kind, sentences) {
      if (sentences.length > 0) setProblems(kind, sentences);
    },
    forgetProblems,
  };
}

function durationOf(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  return whole < 90 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}
