/**
 * So many events are judged together at most, so that one line that holds millions does not fill the memory with them.
 */
const largestBatch = 10_000;

/** The items in runs, none of them empty. */
export function* inBatches<T>(items: Iterable<T>): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < largestBatch) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
