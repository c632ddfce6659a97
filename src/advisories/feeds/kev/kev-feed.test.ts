import { expect, test } from "vitest";
import { feedItems } from "../../../../tests/setup/feed-items.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { kevFeed } from "./kev-feed.ts";

const folder = temporaryFolder();

function parse(vulnerabilities: unknown): ReturnType<typeof feedItems> {
  return feedItems(kevFeed, folder, { contents: [JSON.stringify({ vulnerabilities })] });
}

test("an entry says since when a CVE is exploited, until when to act, and whether for ransom", async () => {
  const entry = { cveID: "CVE-2021-44228", dateAdded: "2021-12-10", dueDate: "2021-12-24" };
  const { items } = await parse([entry, { ...entry, dueDate: "", knownRansomwareCampaignUse: "Known" }]);
  expect(items).toEqual([
    {
      kind: "facts",
      cve: "CVE-2021-44228",
      facts: { knownExploited: { addedAt: "2021-12-10", dueAt: "2021-12-24", ransomware: false } },
    },
    { kind: "facts", cve: "CVE-2021-44228", facts: { knownExploited: { addedAt: "2021-12-10", ransomware: true } } },
  ]);
});

test("entries that are none are problems, and what is not a catalogue is malformed", async () => {
  const { items, problems } = await parse([7, { cveID: "x" }, { cveID: "CVE-2021-44228", dateAdded: "soon" }]);
  expect(items).toEqual([]);
  expect(problems).toEqual([
    "an entry in CISA's catalogue of known exploited vulnerabilities was skipped: it is not an object",
    "an entry in CISA's catalogue of known exploited vulnerabilities was skipped: it has no CVE",
    "an entry in CISA's catalogue of known exploited vulnerabilities was skipped: CVE-2021-44228 has no date",
  ]);
  await expect(parse({})).rejects.toMatchObject({ code: "feed-malformed" });
});

test("a day that no calendar has is told and costs no entry, and what is not known of ransom is told", async () => {
  const { items, problems } = await parse([
    { cveID: "CVE-2024-1111", dateAdded: "2024-99-99" },
    { cveID: "CVE-2024-2222", dateAdded: "2024-01-02", dueDate: "2024-02-30" },
    { cveID: "CVE-2024-3333", dateAdded: "2024-01-02", knownRansomwareCampaignUse: true },
  ]);
  expect(items).toEqual([
    { kind: "facts", cve: "CVE-2024-1111", facts: { knownExploited: { addedAt: "2024-99-99", ransomware: false } } },
    { kind: "facts", cve: "CVE-2024-2222", facts: { knownExploited: { addedAt: "2024-01-02", ransomware: false } } },
    { kind: "facts", cve: "CVE-2024-3333", facts: { knownExploited: { addedAt: "2024-01-02", ransomware: false } } },
  ]);
  expect(problems).toEqual([
    "the date of CVE-2024-1111 in CISA's catalogue of known exploited vulnerabilities cannot be read",
    "the due date of CVE-2024-2222 in CISA's catalogue of known exploited vulnerabilities cannot be read",
    "the use for ransom of CVE-2024-3333 in CISA's catalogue of known exploited vulnerabilities cannot be read",
  ]);
});
