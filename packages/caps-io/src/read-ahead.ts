/**
 * Does work in its order, some of it ahead of whoever takes the results. No more than those are in
 * memory, however much there is, and nothing is begun after the taker has stopped.
 */
export async function* ahead<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  count: number,
): AsyncGenerator<Result> {
  const waiting: Promise<Result>[] = [];
  const rest = items.values();
  const fill = (wanted: number) => {
    while (waiting.length < wanted) {
      const { value: item, done } = rest.next();
      if (done) return;
      const working = work(item);
      // Its failure is met when its turn comes, or never when the taker stops before.
      working.catch(() => {});
      waiting.push(working);
    }
  };
  for (;;) {
    // The first one alone: whoever waits for it should not wait for the others too.
    fill(1);
    const first = waiting.shift();
    if (first === undefined) return;
    const result = await first;
    fill(count);
    yield result;
  }
}
