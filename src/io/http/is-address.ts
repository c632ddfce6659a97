/** True for a place on a server, `http://` or `https://` in any case; anything else is the path of a folder. */
export function isAddress(place: string): boolean {
  return /^https?:\/\//i.test(place);
}
