/** Seconds between laps, by the name of the step that a lap ends. */
export function stopwatch() {
  let before = performance.now();
  const seconds: Record<string, number> = {};
  return {
    seconds: seconds as Readonly<Record<string, number>>,
    lap(step: string) {
      const now = performance.now();
      seconds[step] = (now - before) / 1000;
      before = now;
    },
  };
}
