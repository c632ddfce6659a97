/**
 * Smaller buffers are left to the garbage collector: they may share their memory with others, unless they are all of
 * it.
 */
const smallest: number = 128 * 1024;
const smallestWhole: number = 16 * 1024;

/**
 * Gives the memory of a large buffer back at once. Inflating makes a MiB of them for each MiB, and waiting for the
 * garbage collector to find them costs a tenth of a scan.
 *
 * Call it only when no other code holds the bytes: every view of the same memory becomes empty. Pieces that share
 * memory must be freed in order, the last one frees all; a piece before it is kept.
 */
export function freeBuffer(bytes: Buffer): void {
  const memory = bytes.buffer;
  const least = bytes.byteLength === memory.byteLength ? smallestWhole : smallest;
  if (memory.byteLength < least || bytes.byteOffset + bytes.byteLength !== memory.byteLength) return;
  if (memory instanceof ArrayBuffer && !memory.detached) memory.transfer(0);
}
