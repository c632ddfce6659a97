/** True when a name matches a pattern of `*` and `?`. Linear in the product of both lengths. */
export function matchesGlob(pattern: string, name: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let retry = 0;
  while (at < name.length) {
    if (pattern[place] === "*") {
      star = place++;
      retry = at;
    } else if (place < pattern.length && (pattern[place] === "?" || pattern[place] === name[at])) {
      place++;
      at++;
    } else if (star >= 0) {
      place = star + 1;
      at = ++retry;
    } else return false;
  }
  while (pattern[place] === "*") place++;
  return place === pattern.length;
}
