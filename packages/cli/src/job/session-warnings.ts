import type { Computer, FinishedSession } from "@voxplain/study";

/** What a result has to say about single sessions, whichever process computed them. */
export interface SessionWarnings {
  /** Each session, in the order of the list. */
  see(session: FinishedSession): void;
  /** About images, with the names of their sessions. */
  readonly sentences: ReadonlySet<string>;
  /** That not all were computed by the same; undefined where they were. */
  computers(): string | undefined;
}

/** None yet. */
export function sessionWarnings(): SessionWarnings {
  const computers = new Set<string>();
  const sentences = new Set<string>();
  return {
    sentences,
    see({ by, computed, name }) {
      if (computed === undefined) return;
      computers.add(computerText(by));
      for (const sentence of computed.sentences) sentences.add(`${name}: ${sentence}`);
    },
    computers: () => severalComputers(computers),
  };
}

function computerText({ processor, threads }: Computer): string {
  return `${processor} with ${threads} ${threads === 1 ? "thread" : "threads"}`;
}

/** Results have the same bits for the same processor and as many threads. */
function severalComputers(computers: ReadonlySet<string>): string | undefined {
  if (computers.size < 2) return undefined;
  return `sessions were computed by different processors or numbers of threads, which may change their last digits: ${[...computers].join("; ")}`;
}
