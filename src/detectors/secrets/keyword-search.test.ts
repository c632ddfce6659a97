import { expect, test } from "vitest";
import { seededRandom } from "../../../tests/setup/damaged-bytes.ts";
import { KeywordSearch } from "./keyword-search.ts";

/** Every word at every place, one by one. */
function slowly(words: readonly string[], text: string): readonly string[] {
  const lower = text.toLowerCase();
  const hits: string[] = [];
  for (let end = 1; end <= text.length; end++) {
    for (const [word, letters] of words.entries())
      if (lower.slice(0, end).endsWith(letters)) hits.push(`${end} ${word}`);
  }
  return hits.sort();
}

function quickly(words: readonly string[], text: string): readonly string[] {
  const hits: string[] = [];
  new KeywordSearch(words).search(Buffer.from(text), (word, end) => hits.push(`${end} ${word}`));
  return hits.sort();
}

test.each([
  [["he", "she", "his", "hers"], "uSHERS"],
  [["a", "aa", "aaa"], "aaaa"],
  [["abcd", "bc"], "abcabcd"],
  [["key-", "-us"], "KEY--us"],
])("finds %j also where they overlap", (words, text) => {
  expect(quickly(words, text)).toEqual(slowly(words, text));
});

test("finds what a search for one word after another finds, in random texts", () => {
  const random = seededRandom(1);
  const letters = (count: number): string =>
    Array.from({ length: count }, () => "abAB-"[Math.floor(random() * 5)]).join("");
  for (let round = 0; round < 200; round++) {
    const words = [...new Set(Array.from({ length: 8 }, () => letters(1 + Math.floor(random() * 4)).toLowerCase()))];
    const text = letters(60);
    expect(quickly(words, text)).toEqual(slowly(words, text));
  }
});
