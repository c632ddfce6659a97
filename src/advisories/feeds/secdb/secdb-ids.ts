import { feedOverLimit } from "../../read-feed-file.ts";

/** The vulnerability that one text of a `secfixes` list is about. */
export interface SecdbId {
  /** The CVE where there is one, else the first other identifier. */
  readonly id: string;
  /** Other names of the same vulnerability. */
  readonly aliases: readonly string[];
  /** What else the text names. */
  readonly related: readonly string[];
}

const longestLine = 1000;
/** All that a branch of Alpine's says is shorter. */
const mostCharacters = 4_000_000;
const knownForm =
  /^(?:CVE-|wnpa-sec-\d{4}-|(?:GHSA|CGA)(?:-[0-9a-z]{4}){3}$|(?:XSA|ZBX)-\d|(?:GO|OSV|PYSEC|RUSTSEC|TALOS)-\d{4}-\d)/;

/**
 * The vulnerabilities that a text of a `secfixes` list names. It is written by hand and holds one identifier or several
 * beside each other (`CVE-2018-19961 XSA-275`), now and then with a remark (`CVE-2019-1234 (+)`), a wrong separator
 * (`CVE_2019-2426`, `CVE 2018-16859`), the ending of a patch's name (`CVE-2017-8073.patch`) or a number that was not
 * known yet (`CVE-????-????? XSA-295`). A GHSA beside a single CVE is its alias; what others write, such as XSA, may
 * cover several CVEs. Empty when there is no identifier.
 */
export function readSecdbIds(text: string): SecdbId[] {
  const words = text.slice(0, longestLine).split(/[\s,;()]+/);
  const ids = new Set<string>();
  for (const [index, word] of words.entries()) {
    const joined = /^CVE$/i.test(words[index - 1] ?? "") ? `CVE-${word}` : word;
    const id = normalise(joined);
    if (id) ids.add(id);
  }
  const cves = [...ids].filter((id) => id.startsWith("CVE-"));
  const others = [...ids].filter((id) => !id.startsWith("CVE-"));
  const [only, second] = cves;
  if (only === undefined) return others.map((id) => ({ id, aliases: [], related: [] }));
  if (second !== undefined) return cves.map((id) => ({ id, aliases: [], related: others }));
  const aliases = others.filter((id) => id.startsWith("GHSA-"));
  return [{ id: only, aliases, related: others.filter((id) => !aliases.includes(id)) }];
}

/**
 * The identifiers of vulnerabilities that stand anywhere in a JSON value, in what has another shape than it should:
 * only those of known forms, as a name of a package (`font-adobe-100dpi`) may look like another.
 *
 * Error: `limit-exceeded` for a value with more text than is looked through.
 */
export function idsNamedIn(value: unknown): Set<string> {
  const ids = new Set<string>();
  const open = [value];
  let characters = 0;
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === "string") {
      characters += next.length;
      if (characters > mostCharacters)
        throw feedOverLimit(
          `entries of a security database in an unknown format have more than ${mostCharacters} characters`,
        );
      for (const [word] of next.matchAll(/[A-Za-z0-9_.-]+/g)) {
        for (const { id } of readSecdbIds(word)) if (knownForm.test(id)) ids.add(id);
      }
    } else if (typeof next === "object" && next !== null) {
      for (const [key, inner] of Object.entries(next)) open.push(key, inner);
    }
  }
  return ids;
}

/** Undefined for a word that is not an identifier: those have a hyphen, a digit and nothing unusual. */
function normalise(word: string): string | undefined {
  const [, year, number] = /^CVE[-_](\d{4})[-_](\d{4,19})(?:[-.][a-z0-9]{1,10})?$/i.exec(word) ?? [];
  if (year && number) return `CVE-${year}-${number}`;
  if (!/^[A-Za-z][A-Za-z0-9]{1,15}(?:-[A-Za-z0-9]{1,20}){1,5}$/.test(word) || !/\d/.test(word)) return undefined;
  return /^CVE-/i.test(word) ? undefined : word;
}
