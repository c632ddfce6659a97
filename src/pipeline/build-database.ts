import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { AdvisoryDatabaseWriter } from "../advisories/database/database-writer.ts";
import { openAdvisoryDatabase } from "../advisories/database/open-advisory-database.ts";
import { osvFeed } from "../advisories/feeds/osv/osv-feed.ts";
import { reasonOf } from "../io/random-access.ts";
import type { DatabaseStatus } from "../model/advisory.ts";
import { PlimsollError } from "../model/error.ts";
import type { Problem } from "../model/problem.ts";

/** What to build from and where to. */
export interface BuildDatabaseOptions {
  /** A folder, or an http(s) address, laid out as OSV.dev's bulk export. */
  readonly from: string;
  /** The database file; what is there is replaced in one step when the new one is complete. */
  readonly output: string;
  /** RFC 3339: the time that the database states. The same advisories at the same time give the same bytes. */
  readonly builtAt: string;
  readonly signal: AbortSignal;
  /** Only these ecosystems (without suffix); all when absent. */
  readonly ecosystems?: readonly string[];
  /** Called now and then with the ecosystem in work and the number of records read so far. */
  readonly progress?: (ecosystem: string, records: number) => void;
}

/** What was built, and what of the feed could not be read. */
export interface BuiltDatabase {
  readonly status: DatabaseStatus;
  /** The first thousand records that were refused. */
  readonly problems: readonly Problem[];
  /** How many records were refused. */
  readonly refused: number;
}

const mostProblems = 1000;
/** Records between two turns of the event loop, in which a signal can arrive. */
const batch = 250;

/**
 * Fetches a feed and builds the advisory database from it.
 *
 * Errors: `feed-unreachable`, `feed-malformed` (also when there is no record in it), `limit-exceeded`, `output-not-written`,
 * `cancelled`, `usage`. Whatever goes wrong, the database that was there before stays.
 */
export async function buildDatabase(options: BuildDatabaseOptions): Promise<BuiltDatabase> {
  const { from, output, builtAt, signal, ecosystems, progress } = options;
  const problems: Problem[] = [];
  let refused = 0;
  const context = {
    signal,
    problem: (problem: Problem) => {
      refused++;
      if (problems.length < mostProblems) problems.push(problem);
    },
  };
  using writer = new AdvisoryDatabaseWriter(output);
  const workFolder = makeWorkFolder();
  let count = 0;
  try {
    checkSignal(signal);
    for await (const part of osvFeed.fetch(from, { signal, workFolder, ...(ecosystems && { ecosystems }) })) {
      using fetched = part;
      for (const advisory of osvFeed.parse(fetched, context)) {
        writer.add(advisory);
        if (++count % batch !== 0) continue;
        progress?.(fetched.name, count);
        await turn();
        checkSignal(signal);
      }
      checkSignal(signal);
      progress?.(fetched.name, count);
    }
    if (count === 0) {
      throw new PlimsollError("feed-malformed", `${from} holds no advisory`, {
        hint: "An empty database would make every scan look clean, so none was built.",
      });
    }
    writer.finish({ builtAt, source: sourceOf(from) });
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
  const index = openAdvisoryDatabase(output);
  index.close();
  return { status: index.status, problems, refused };
}

function makeWorkFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), "plimsoll-feed-"));
  } catch (cause) {
    throw new PlimsollError(
      "output-not-written",
      `no temporary folder can be made in ${tmpdir()}: ${reasonOf(cause)}`,
      {
        hint: "Free some space, or name another folder in TMPDIR.",
        cause,
      },
    );
  }
}

function checkSignal(signal: AbortSignal): void {
  if (signal.aborted) throw new PlimsollError("cancelled", "the build of the database was cancelled");
}

/** Where the advisories came from, as the database states it: an address without its query, or a whole path. */
function sourceOf(from: string): string {
  const url = /^https?:/i.test(from) ? URL.parse(from) : null;
  return url ? `${url.origin}${url.pathname}` : resolve(from);
}
