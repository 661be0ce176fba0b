export interface Progress {
  /** One more is done. */
  step(): void;
  /** A line that stays. */
  say(line: string): void;
  end(): void;
}

/** A live bar where `stream` is a terminal, plain lines (each tenth of the way) elsewhere. */
export function progressOn(
  stream: NodeJS.WriteStream,
  title: string,
  total: number,
  noun = "session",
): Progress {
  const started = performance.now();
  let done = 0;
  let lastTenth = 0;
  const clear = () => stream.isTTY && stream.write("\r\x1b[K");
  const draw = () => {
    const width = 24;
    const filled = Math.round((width * done) / total);
    const bar = "█".repeat(filled) + "░".repeat(width - filled);
    stream.write(`\r\x1b[K${title} ${bar} ${done}/${total}${timeLeft(started, done, total)}`);
  };
  if (stream.isTTY) draw();
  else stream.write(`${title}: ${total} ${noun}${total === 1 ? "" : "s"}\n`);
  return {
    step() {
      done++;
      if (stream.isTTY) return draw();
      const tenth = Math.floor((10 * done) / total);
      if (tenth > lastTenth) stream.write(`${title}: ${done}/${total}${timeLeft(started, done, total)}\n`);
      lastTenth = tenth;
    },
    say(line) {
      clear();
      stream.write(`${line}\n`);
      if (stream.isTTY) draw();
    },
    end: () => void clear(),
  };
}

function timeLeft(started: number, done: number, total: number): string {
  if (done === 0 || done === total) return "";
  const seconds = ((performance.now() - started) / 1000 / done) * (total - done);
  if (seconds < 90) return `, ${Math.ceil(seconds)} s left`;
  return seconds < 5400
    ? `, ${Math.round(seconds / 60)} min left`
    : `, ${(seconds / 3600).toFixed(1)} h left`;
}
