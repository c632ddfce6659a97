/** What reads an option that lists values, separated by commas: repeated, the lists add up. `read` has one value. */
export function collectLists<T>(
  read: (text: string) => T,
): (text: string, before: readonly T[] | undefined) => readonly T[] {
  return (text, before = []) => [...new Set([...before, ...text.split(",").map((part) => read(part.trim()))])];
}
