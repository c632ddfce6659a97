/** What reads an option that may be repeated: every value, as `read` has it, in the order of the command line. */
export function collectValues<T>(
  read: (text: string) => T,
): (text: string, before: readonly T[] | undefined) => readonly T[] {
  return (text, before = []) => [...before, read(text)];
}
