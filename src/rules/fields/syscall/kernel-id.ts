/** An id of a process or thread; `undefined` for one that no kernel gives, which stands for a process elsewhere. */
export function kernelId(id: number): number | undefined {
  return id >= -1 && id <= 0xffff_ffff ? id : undefined;
}
