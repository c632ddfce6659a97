import { compareText } from "../../model/text/compare-text.ts";
import { compareNaturals, isDigit, readNatural } from "../../versions/natural.ts";

/** The natural order of tags: runs of digits as numbers, the rest as text; `v9` before `v10`, numbers before words. */
export function compareTags(a: string, b: string): -1 | 0 | 1 {
  const left = partsOf(a);
  const right = partsOf(b);
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const order = comparePart(left[index] ?? "", right[index] ?? "");
    if (order !== 0) return order;
  }
  if (left.length !== right.length) return left.length < right.length ? -1 : 1;
  return compareText(a, b);
}

function partsOf(tag: string): readonly string[] {
  return tag.match(/[0-9]+|[^0-9]+/g) ?? [];
}

function comparePart(a: string, b: string): -1 | 0 | 1 {
  if (!isDigit(a.charCodeAt(0)) || !isDigit(b.charCodeAt(0))) return compareText(a, b);
  return compareNaturals(readNatural(a, 0, a.length), readNatural(b, 0, b.length));
}
