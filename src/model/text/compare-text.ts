/** Order by UTF-16 units, which for ASCII is the order of bytes; the same in every locale. */
export function compareText(a: string, b: string): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}
