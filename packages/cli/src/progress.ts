import { withEscapes } from "@voxplain/core";
import type { Progress as Position } from "@voxplain/study";

export interface Progress {
  /** As far as this. */
  update(position: Omit<Position, "session">): void;
  /** A line that stays. */
  say(line: string): void;
  end(): void;
}

/** A live bar where `stream` is a terminal, plain lines (each tenth of the way) elsewhere. */
export function progressOn(
  stream: NodeJS.WriteStream,
  name: string,
  total: number,
  noun = "session",
): Progress {
  const title = withEscapes(name);
  const started = performance.now();
  let done = 0;
  let count = total;
  /** Done part of the whole job, from 0 to 1; within an image it grows with the passes. */
  let fraction = 0;
  let drawn = Number.NEGATIVE_INFINITY;
  let lastTenth = 0;
  const clear = () => stream.isTTY && stream.write("\r\x1b[K");
  const draw = () => {
    drawn = performance.now();
    const width = 24;
    const filled = Math.round(width * fraction);
    const bar = "█".repeat(filled) + "░".repeat(width - filled);
    stream.write(`\r\x1b[K${title} ${bar} ${done}/${total}${timeLeft(started, fraction)}`);
  };
  if (stream.isTTY) draw();
  else stream.write(`${title}: ${total} ${noun}${total === 1 ? "" : "s"}\n`);
  const advance = (index: number, reached: number) => {
    const isNext = index > done;
    done = index;
    fraction = reached;
    // Passes of small networks are too many to draw each.
    if (stream.isTTY) return isNext || performance.now() - drawn > 100 ? draw() : undefined;
    const tenth = Math.floor((10 * done) / count);
    if (tenth > lastTenth) stream.write(`${title}: ${done}/${total}${timeLeft(started, done / count)}\n`);
    lastTenth = Math.max(tenth, lastTenth);
  };
  return {
    update({ index, count: left, passes, expected }) {
      count = left;
      const ofPasses = expected === undefined ? 0 : passes / expected;
      advance(index, Math.min(1, Math.max(index / count, ofPasses)));
    },
    say(line) {
      clear();
      stream.write(`${line.split("\n").map(withEscapes).join("\n")}\n`);
      if (stream.isTTY) draw();
    },
    end: () => void clear(),
  };
}

function timeLeft(started: number, fraction: number): string {
  if (fraction === 0 || fraction >= 1) return "";
  const seconds = ((performance.now() - started) / 1000) * (1 / fraction - 1);
  if (seconds < 90) return `, ${Math.ceil(seconds)} s left`;
  return seconds < 5400
    ? `, ${Math.round(seconds / 60)} min left`
    : `, ${(seconds / 3600).toFixed(1)} h left`;
}
