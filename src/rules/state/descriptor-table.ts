import type { Descriptor } from "./descriptor.ts";

/**
 * How far numbers may lie above the count of descriptors to be kept in an array: beyond that a process that has few of
 * them under high numbers would take much memory.
 */
const slack = 16;

/**
 * The descriptors of a process by number; threads that share their files share the table. Kernels give the lowest free
 * number, so nearly all are in an array, and the few others in a map. A copy shares both with its original until one of
 * the two is changed: most processes execute a program or end before they open anything.
 */
export class DescriptorTable {
  /** How many there are. */
  size = 0;
  #low: (Descriptor | undefined)[] = [];
  /** Those whose numbers are not below the length of {@link #low}. */
  #high: Map<number, Descriptor> | undefined;
  #isShared = false;

  get(fd: number): Descriptor | undefined {
    if (fd >= 0 && fd < this.#low.length) return this.#low[fd];
    return this.#high === undefined ? undefined : this.#high.get(fd);
  }

  has(fd: number): boolean {
    return this.get(fd) !== undefined;
  }

  set(fd: number, descriptor: Descriptor): void {
    if (this.#isShared) this.#unshare();
    const low = this.#low;
    if (fd >= 0 && fd < low.length) {
      if (low[fd] === undefined) this.size++;
      low[fd] = descriptor;
      return;
    }
    const high = this.#high;
    if (high === undefined || !high.has(fd)) this.size++;
    if (fd >= 0 && fd < this.size * 2 + slack) this.#extend(fd, descriptor);
    else if (high === undefined) this.#high = new Map([[fd, descriptor]]);
    else high.set(fd, descriptor);
  }

  /** False when there was none. */
  delete(fd: number): boolean {
    if (!this.has(fd)) return false;
    if (this.#isShared) this.#unshare();
    if (fd >= 0 && fd < this.#low.length) {
      this.#low[fd] = undefined;
      this.size--;
      this.#shrink();
    } else {
      this.#high?.delete(fd);
      this.size--;
    }
    return true;
  }

  /** Takes out all of which `test` is true; returns how many these were. */
  deleteIf(test: (descriptor: Descriptor) => boolean): number {
    const before = this.size;
    for (let fd = 0; fd < this.#low.length; fd++) {
      const descriptor = this.#low[fd];
      if (descriptor === undefined || !test(descriptor)) continue;
      if (this.#isShared) this.#unshare();
      this.#low[fd] = undefined;
      this.size--;
    }
    for (const [fd, descriptor] of this.#high ?? []) if (test(descriptor)) this.delete(fd);
    if (this.size < before) this.#shrink();
    return before - this.size;
  }

  /** True when `test` is for one of them. */
  some(test: (descriptor: Descriptor) => boolean): boolean {
    for (const descriptor of this.#low) if (descriptor !== undefined && test(descriptor)) return true;
    for (const descriptor of this.#high?.values() ?? []) if (test(descriptor)) return true;
    return false;
  }

  /** Not to be changed meanwhile, as with the pairs. */
  *values(): Generator<Descriptor, void> {
    for (const [, descriptor] of this) yield descriptor;
  }

  *[Symbol.iterator](): Generator<[fd: number, descriptor: Descriptor], void> {
    for (const [fd, descriptor] of this.#low.entries()) if (descriptor !== undefined) yield [fd, descriptor];
    yield* this.#high ?? [];
  }

  /** A table with the same descriptors, to be changed on its own. */
  copy(): DescriptorTable {
    const copy = new DescriptorTable();
    copy.size = this.size;
    copy.#low = this.#low;
    copy.#high = this.#high;
    copy.#isShared = true;
    this.#isShared = true;
    return copy;
  }

  #unshare(): void {
    this.#low = this.#low.slice();
    if (this.#high !== undefined) this.#high = new Map(this.#high);
    this.#isShared = false;
  }

  /** Makes the array long enough for this number, which is above its end. */
  #extend(fd: number, descriptor: Descriptor): void {
    const low = this.#low;
    const start = low.length;
    while (low.length < fd) low.push(undefined);
    low.push(descriptor);
    const high = this.#high;
    if (high === undefined) return;
    for (let number = start; number <= fd; number++) {
      const moved = high.get(number);
      if (moved === undefined) continue;
      high.delete(number);
      if (number !== fd) low[number] = moved;
    }
    if (high.size === 0) this.#high = undefined;
  }

  /** Gives memory back when most of the array is empty. */
  #shrink(): void {
    const low = this.#low;
    if (low.length <= this.size * 4 + slack * 4) return;
    const kept = this.size * 2 + slack;
    for (let fd = kept; fd < low.length; fd++) {
      const descriptor = low[fd];
      if (descriptor === undefined) continue;
      this.#high ??= new Map();
      this.#high.set(fd, descriptor);
    }
    this.#low = low.slice(0, kept);
  }
}
