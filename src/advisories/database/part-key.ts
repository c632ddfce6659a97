/** One text for a part of a feed. */
export function partKey({ feed, name }: { readonly feed: string; readonly name: string }): string {
  return JSON.stringify([feed, name]);
}
