/** Reads a sequence to its end. */
export type Reader<Item> = (items: AsyncIterable<Item>) => Promise<void>;

/**
 * Gives a sequence to several readers while it is read once: the next item is asked for when all of them want it.
 * @throws What the sequence or a reader threw first; the other readers get that error in place of their next item.
 */
export async function inOnePass<Item>(
  items: AsyncIterable<Item>,
  readers: readonly Reader<Item>[],
): Promise<void> {
  const turns = readers.map((read) => ({ read, gate: gate<Item>() }));
  let failed: { readonly error: unknown } | undefined;
  const fail = (error: unknown) => {
    failed ??= { error };
    for (const { gate } of turns) gate.fail(error);
  };
  const reading = turns.map(async ({ read, gate }) => {
    try {
      await read({ [Symbol.asyncIterator]: () => ({ next: gate.next }) });
    } catch (error) {
      fail(error);
    } finally {
      gate.leave();
    }
  });
  try {
    for await (const item of items) {
      for (const { gate } of turns) await gate.give(item);
      if (failed !== undefined) break;
    }
  } catch (error) {
    fail(error);
  }
  for (const { gate } of turns) gate.end();
  await Promise.all(reading);
  if (failed !== undefined) throw failed.error;
}

/** Between a sequence and a reader: one item at a time. */
function gate<Item>() {
  let wanted = deferred<void>();
  let next = deferred<IteratorResult<Item, undefined>>();
  let isLeft = false;
  return {
    /** The reader wants an item. */
    next(): Promise<IteratorResult<Item, undefined>> {
      wanted.resolve();
      return next.promise;
    },
    /** The reader wants none any more. */
    leave() {
      isLeft = true;
      wanted.resolve();
    },
    /** Resolves when the reader wanted the item, or has left. */
    async give(value: Item): Promise<void> {
      await wanted.promise;
      if (isLeft) return;
      const { resolve } = next;
      wanted = deferred();
      next = deferred();
      resolve({ done: false, value });
    },
    end: () => next.resolve({ done: true, value: undefined }),
    fail: (error: unknown) => next.reject(error),
  };
}

function deferred<Value>() {
  let resolve: (value: Value) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  // Nobody may be waiting for it when it fails.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
