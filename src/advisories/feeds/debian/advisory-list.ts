// The lists of DSA (security) and DLA (long-term support) advisories of the security tracker, newest first:
//
//   [20 Mar 2023] DSA-5376-1 apache2 - security update
//   	{CVE-2006-20001 CVE-2022-36760}
//   	[bullseye] - apache2 2.4.56-1~deb11u1
//   	[sarge] - openoffice.org <not-affected> (Vulnerable code not present)
//   	NOTE: fixed in testing at time of DSA
//
// Lines that begin with white space belong to the heading above. In place of a version a word in angle brackets says
// why there is none.

/** One fix that an advisory brought. */
export interface ListedFix {
  /** `DSA-5376-1`. */
  readonly advisory: string;
  /** The day of the advisory at midnight, RFC 3339. */
  readonly date: string;
  readonly cves: readonly string[];
  /** Code name. */
  readonly release: string;
  /** Source package. */
  readonly package: string;
  readonly version: string;
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** The fixes of a list in its order; advisories without CVEs do not give any, and lines of other kinds are skipped. */
export function* readAdvisoryList(text: string): Generator<ListedFix> {
  let heading: { readonly advisory: string; readonly date: string } | undefined;
  let cves: string[] = [];
  for (const line of linesOf(text)) {
    if (!/^\s/.test(line)) {
      heading = readHeading(line);
      cves = [];
      continue;
    }
    if (!heading || line.length > longestLine) continue;
    const body = line.trim();
    if (body.startsWith("{")) cves = body.match(/CVE-\d{4}-\d{4,19}/g) ?? [];
    const fix = /^\[([a-z]{1,30})\]\s+-\s+([a-z0-9][a-z0-9+.-]{0,100})\s+([^\s<(]{1,200})(?:\s|$)/i.exec(body);
    const [, release, name, version] = fix ?? [];
    if (!release || !name || !version || cves.length === 0) continue;
    yield { ...heading, cves, release, package: name, version };
  }
}

const longestLine = 20_000;

function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    const stop = end < 0 ? text.length : end;
    yield text.slice(start, stop);
    start = stop + 1;
  }
}

function readHeading(line: string): { advisory: string; date: string } | undefined {
  const [, day, month, year, advisory] =
    /^\[(\d{1,2}) ([A-Za-z]{3})[a-z]{0,6} (\d{4})\] (D[SL]A-\d{1,6}(?:-\d{1,3})?)(?:\s|$)/.exec(line) ?? [];
  const index = months.indexOf(month?.toLowerCase() ?? "");
  if (!advisory || !day || !year || index < 0) return undefined;
  const date = `${year}-${String(index + 1).padStart(2, "0")}-${day.padStart(2, "0")}T00:00:00Z`;
  return { advisory, date };
}
