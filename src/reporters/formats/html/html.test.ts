import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { RegistryImage } from "../../../model/reports/registry-report.ts";
import type { Report } from "../../../model/reports/report.ts";
import { completeCheckReport } from "../../fixtures/complete-check-report.ts";
import { completeRegistryReport } from "../../fixtures/complete-registry-report.ts";
import { completeReport } from "../../fixtures/complete-report.ts";
import { completeWorkloadReport } from "../../fixtures/complete-workload-report.ts";
import { hostileReport, sampleReport, shopReport } from "../../fixtures/sample-reports.ts";
import { checkHtml } from "./check-page.ts";
import { registryHtml } from "./registry-page.ts";
import { scanHtml } from "./scan-page.ts";
import { workloadsHtml } from "./workloads-page.ts";

const text = (pieces: Iterable<string>): string => [...pieces].join("");

/** Writers of every kind, each for a report in which the texts are changed by a function. */
const everyReport: Readonly<Record<string, (change: (value: string) => string) => string>> = {
  scan: (change) => text(scanHtml(withTexts<Report>(completeReport, change))),
  shop: (change) => text(scanHtml(withTexts(shopReport, change))),
  hostile: (change) => text(scanHtml(withTexts(hostileReport, change))),
  empty: (change) => text(scanHtml(withTexts(sampleReport([]), change))),
  check: (change) => text(checkHtml(withTexts(completeCheckReport, change))),
  registry: (change) => text(registryHtml(withTexts(completeRegistryReport, change))),
  workloads: (change) => text(workloadsHtml(withTexts(completeWorkloadReport, change))),
};
const unchanged = (value: string): string => value;

/** Properties with values of closed unions, which are not texts. */
const unions = new Set(["kind", "severity", "status", "decision", "state", "by", "engine", "stale", "channel", "type"]);

function withTexts<T>(value: T, change: (value: string) => string, name = ""): T {
  const changed = (): unknown => {
    if (typeof value === "string") return unions.has(name) ? value : change(value);
    if (Array.isArray(value)) return value.map((item: unknown) => withTexts(item, change, name));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withTexts(item, change, key)]));
  };
  return changed() as T;
}

/** The tags of a page with the names of their attributes. */
function tagsOf(page: string): readonly string[] {
  const body = page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, "<$1></$1>");
  return (body.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/="[^"]*"/g, ""));
}

describe.each(Object.entries(everyReport))("the page of a report (%s)", (_, write) => {
  const page = write(unchanged);

  test("is the same on a second run and has no control characters", () => {
    expect(write(unchanged)).toBe(page);
    expect(page).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    expect(page.startsWith("<!doctype html>\n")).toBe(true);
    expect(page.endsWith("</html>\n")).toBe(true);
  });

  test("has the same markup whatever the texts of the report are", () => {
    const payloads = [
      `"><script>alert(1)</script>`,
      `' onmouseover='alert(1)`,
      `</style></script><!--`,
      `<img src=x onerror=alert(1)>`,
      "&lt;b&gt;",
    ];
    for (const payload of payloads) {
      const harmless = payload.replace(/[<>&"']/g, "§");
      expect(tagsOf(write((value) => value + payload))).toEqual(tagsOf(write((value) => value + harmless)));
    }
  });

  test("is admitted by its own policy and makes no request", () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
    expect(policy).toContain("default-src &apos;none&apos;");
    for (const name of ["style", "script"]) {
      const inline = page.split(`<${name}>`)[1]?.split(`</${name}>`)[0] ?? "";
      expect(inline.length).toBeGreaterThan(500);
      const hash = createHash("sha256").update(inline).digest("base64");
      expect(policy).toContain(`${name}-src &apos;sha256-${hash}&apos;`);
      expect(page.split(`<${name}>`)).toHaveLength(2);
    }
    expect(page).not.toMatch(/ style=|@import|url\(| on[a-z]+=|javascript:/);
    expect(page.match(/ src=/g)).toBeNull();
    for (const [, address = ""] of page.matchAll(/ href="([^"]*)"/g)) {
      expect(address).toMatch(/^(#[a-z-]+$|https?:\/\/|data:image\/svg\+xml,)/);
    }
    for (const [link = ""] of page.matchAll(/<a href="http[^>]*>/g)) expect(link).toContain(' rel="noreferrer"');
  });

  test("has a caption for each table, headings in order, and ids that occur once", () => {
    const tables = page.match(/<table /g)?.length ?? 0;
    expect(page.match(/<caption /g)?.length ?? 0).toBe(tables);
    expect(page.match(/<th(?! scope="(?:row|col)")[ >]/g)).toBeNull();
    const levels = Array.from(page.matchAll(/<h(\d)/g), ([, level]) => Number(level));
    expect(levels.filter((level) => level === 1)).toEqual([1]);
    expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([]);
    const ids = Array.from(page.matchAll(/ id="([^"]*)"/g), ([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("the page of a scan", () => {
  test("has a row for every finding and names every suppressed and every waived one", () => {
    const page = text(scanHtml(shopReport));
    expect(page.match(/<tr role="row" data-severity=/g)).toHaveLength(shopReport.findings.length);
    for (const { id } of shopReport.findings) expect(page).toContain(id);
    const complete = text(scanHtml(completeReport));
    expect(complete).toContain("Suppressed findings");
    expect(complete).toContain("vulnerable code not in execute path");
    for (const known of ["Waived findings", "no TLS here", "team shop", ...completeReport.idleWaivers]) {
      expect(complete.toLowerCase()).toContain(known.toLowerCase());
    }
  });

  test("shows the verdict, its reasons, every problem and every limit", () => {
    for (const report of [shopReport, completeReport as Report]) {
      const page = text(scanHtml(report));
      const { verdict, problems, database } = report;
      expect(page).toContain("<span>Verdict:</span> Denied");
      const texts = [...verdict.reasons, ...problems.map(({ message }) => message), ...database.limits];
      for (const each of texts) expect(page.toLowerCase()).toContain(each.toLowerCase());
    }
  });

  test("without findings does not say that all is well", () => {
    const verdict = { decision: "cannot-tell", reasons: ["a part was not examined"] } as const;
    const page = text(scanHtml(sampleReport([], { verdict, problems: shopReport.problems })));
    expect(page).toContain("Cannot tell");
    expect(page).toContain("the archive ends in the middle of its directory");
    expect(page).toContain("No packages in what could be examined.");
  });

  test("states which findings were left out", () => {
    const filter = { severities: ["critical"], ignoreUnfixed: true, leftOut: 3 } as const;
    expect(text(scanHtml({ ...shopReport, filter }))).toContain("3 findings left out by --severity critical");
  });

  test("states how many findings are in the baseline", () => {
    expect(text(scanHtml(completeReport))).toContain("3 known findings left out (in base.json)");
    expect(text(checkHtml(completeCheckReport))).toContain("1 known finding left out (in base.json)");
  });

  test("links only addresses of the web", () => {
    const [finding] = shopReport.findings;
    if (!finding) throw new Error("the sample has findings");
    const withReference = (reference: string): string =>
      text(scanHtml({ ...shopReport, findings: [{ ...finding, id: "own id", references: [reference] }] }));
    expect(withReference("javascript:alert(1)")).not.toContain("javascript:");
    expect(withReference("data:text/html,x")).not.toMatch(/<a href="data/);
    expect(withReference("https://example.test/a?b='c'&d")).toContain(
      '<a href="https://example.test/a?b=%27c%27&amp;d" rel="noreferrer">own id</a>',
    );
  });

  test("tells the findings of the base image from those of the own layers", () => {
    const page = text(scanHtml(shopReport));
    expect(page).toContain("From the base image<span>8 findings; a newer base image can fix 5</span>");
    expect(page).toContain("From your layers<span>8 findings; upgrades can fix 8</span>");
    expect(page.match(/data-origin="base"/g)).toHaveLength(8);
  });

  test("is less than 5 MB for 5,000 findings", () => {
    const [finding] = shopReport.findings;
    if (!finding) throw new Error("the sample has findings");
    const findings = Array.from({ length: 5000 }, (_, index) => ({
      ...finding,
      id: `CVE-2024-${10_000 + index}`,
      summary: "A crafted message makes the parser read past the end of its buffer. ".repeat(10),
    }));
    expect(Buffer.byteLength(text(scanHtml({ ...shopReport, findings })))).toBeLessThan(5_000_000);
  });
});

test("the page of a registry holds one image at a time", () => {
  const [image] = completeRegistryReport.images;
  if (!image) throw new Error("the sample has images");
  let made = 0;
  const images: Iterable<RegistryImage> = {
    *[Symbol.iterator]() {
      for (let index = 0; index < 1000; index++) {
        made++;
        yield { ...image, tags: [`tag-${index}`] };
      }
    },
  };
  let rows = 0;
  let madeAtFirstRow = 0;
  for (const piece of registryHtml({ ...completeRegistryReport, images })) {
    if (!piece.startsWith('<tr role="row" data-decision')) continue;
    rows++;
    madeAtFirstRow ||= made;
  }
  expect(rows).toBe(1000);
  expect(made).toBe(2000);
  expect(madeAtFirstRow).toBe(1001);
});

test("names of repositories and files are written as they are", () => {
  const page = text(registryHtml(completeRegistryReport));
  for (const name of [...completeRegistryReport.empty, ...completeRegistryReport.unknown]) {
    expect(page).toContain(`<li>${name}</li>`);
  }
  expect(text(scanHtml(completeReport))).toContain("<li>vex.json: statement 3 names no product</li>");
});

test("a state of a check that could not be evaluated is listed with its reason", () => {
  const page = text(checkHtml(completeCheckReport));
  for (const { title, reason = "" } of completeCheckReport.results) {
    expect(page).toContain(title.replaceAll("'", "&apos;"));
    expect(page).toContain(reason);
  }
});

test("a container that was not scanned and an engine that was not listed are named", () => {
  const page = text(workloadsHtml(completeWorkloadReport));
  expect(page).toContain("Not scanned");
  for (const { message } of completeWorkloadReport.unlisted) expect(page).toContain(message);
});
