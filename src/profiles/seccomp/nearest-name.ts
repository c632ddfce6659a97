import { knownNames } from "./syscall-table.ts";

const longest = 40;

/** The known system call that differs from a name by the fewest letters, at most two. */
export function nearestName(name: string): string | undefined {
  if (name.length > longest) return undefined;
  let nearest: string | undefined;
  let least = 3;
  for (const known of knownNames()) {
    if (Math.abs(known.length - name.length) >= least) continue;
    const distance = distanceOf(name.toLowerCase(), known);
    if (distance < least) [nearest, least] = [known, distance];
  }
  return nearest;
}

/** How many letters must be inserted, removed or replaced. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
