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
  let next = 0;
  const fill = (wanted: number) => {
    for (; waiting.length < wanted && next < items.length; next++) {
      const working = work(items[next]!);
      // Its failure is met when its turn comes, or never when the taker stops before.
      working.catch(() => {});
      waiting.push(working);
    }
  };
  for (let taken = 0; taken < items.length; taken++) {
    // The first one alone: whoever waits for it should not wait for the others too.
    fill(1);
    const result = await waiting.shift()!;
    fill(count);
    yield result;
  }
}
