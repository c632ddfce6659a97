/**
 * Works on items as they come, at most `limit` at a time, each one started in order. After the first failure no more
 * are started; when those under way have ended, it is thrown.
 */
export async function forEachInParallel<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failure: { readonly cause: unknown } | undefined;
  const start = (item: T): void => {
    const task = work(item)
      .catch((cause: unknown) => {
        failure ??= { cause };
      })
      .finally(() => underWay.delete(task));
    underWay.add(task);
  };
  try {
    for await (const item of items) {
      start(item);
      while (underWay.size >= limit) await Promise.race(underWay);
      if (failure) break;
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failure) throw failure.cause;
}
