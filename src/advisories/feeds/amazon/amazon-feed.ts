import type { Advisory } from "../../../model/findings/advisory.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import { feedOverLimit } from "../../read-feed-file.ts";
import { erratumAdvisory } from "../errata/erratum.ts";
import { FixLines } from "../errata/fix-lines.ts";
import { affectedBy, type RpmFix } from "../errata/rpm-fix.ts";
import { readUpdates, type Update, type UpdatePackage } from "../updateinfo/updateinfo.ts";
import { type AmazonRepository, repositoryOf, topicOf } from "./amazon-repositories.ts";
import { firstVersionOfTopic } from "./core-lines.ts";
import { fetchAmazon } from "./fetch-amazon.ts";

const ecosystem = "Amazon Linux";
/** Packages of all updates of a part that has one file for each architecture. */
const mostPackages = 5_000_000;

/**
 * The security advisories of Amazon Linux (ALAS), from the metadata of its repositories. There is no word on what is
 * not fixed.
 *
 * An update of an optional repository of Amazon Linux 2 is only for the packages of its topic: those of the same name
 * in the core repository, which are of other versions, have their own advisories ({@link firstVersionOfTopic}).
 */
export const amazonFeed: AdvisoryFeed = {
  id: "amazon",
  revision: 3,
  title: "Amazon Linux Security Center",
  ecosystems: [ecosystem],
  address: "https://cdn.amazonlinux.com/",
  licence: "not stated",
  redistributable: true,
  fetch: fetchAmazon,
  parse,
};

async function* parse(part: FeedPart, context: Context): AsyncGenerator<FeedItem> {
  const repository = repositoryOf(part.name);
  if (!repository) return;
  const label = `the updates for Amazon Linux ${part.name}`;
  const [file] = part.files;
  if (part.files.length === 1 && file !== undefined) {
    for await (const update of readUpdates(file, { label, signal: context.signal })) {
      yield* itemsOf([update], { part, repository, context });
    }
    return;
  }
  for (const updates of await byId(part.files, label, context)) yield* itemsOf(updates, { part, repository, context });
}

/** The updates of several files, those with the same id together, in the order in which the ids first come. */
async function byId(files: readonly string[], label: string, { signal }: Context): Promise<Iterable<Update[]>> {
  const updates = new Map<string, Update[]>();
  let packages = 0;
  for (const file of files) {
    for await (const update of readUpdates(file, { label, signal })) {
      packages += update.packages.length;
      if (packages > mostPackages) {
        throw feedOverLimit(`${label} have more than ${mostPackages} packages`);
      }
      const { description, ...kept } = update;
      const same = updates.get(update.id);
      if (same) same.push(kept);
      else updates.set(update.id, [description === undefined ? kept : { ...kept, description }]);
    }
  }
  return updates.values();
}

interface Surroundings {
  readonly part: FeedPart;
  readonly repository: AmazonRepository;
  readonly context: Context;
}

/** `updates` are the same update for different architectures. */
function* itemsOf(updates: readonly Update[], { part, repository, context }: Surroundings): Generator<FeedItem> {
  const [update] = updates;
  if (!update) return;
  if (!/^ALAS[\w.+-]{0,80}-\d{4}-\d{1,6}$/.test(update.id)) {
    const message = `an Amazon Linux ${repository.name} update has no id: ${JSON.stringify(update.id.slice(0, 100))}`;
    context.problem({ code: "unreadable", message });
    return;
  }
  if (update.type !== "security" && update.cves.length === 0) return;
  const lines = new FixLines(update.id, context);
  for (const { packages } of updates) {
    for (const named of packages) if (named.architecture !== "src") lines.add(fixOf(named, part, repository));
  }
  yield* lines.items(update.id, (fixes) => advisoryOf(update, affectedBy(fixes, repository.architectures)));
}

function advisoryOf(update: Update, affected: Advisory["affected"] & object): Advisory {
  const { id, cves, title, description, issued, updated, severity } = update;
  return erratumAdvisory({
    id,
    cves,
    title,
    description,
    issued,
    updated,
    severities: severity ? [{ source: "Amazon", type: "word", score: severity }] : [],
    address: addressOf(id),
    affected,
  });
}

function fixOf({ name, version, architecture }: UpdatePackage, part: FeedPart, { release }: AmazonRepository): RpmFix {
  const topic = topicOf(part.name);
  return {
    ecosystem: `${ecosystem}:${release}`,
    name,
    fixed: version,
    architecture,
    names: "binary",
    ...(topic !== undefined && {
      introduced: firstVersionOfTopic(topic, { name, fixed: version, position: part.position }),
    }),
  };
}

/**
 * `ALAS2-2018-939` is at `AL2/ALAS-2018-939.html`, the `ALAS-2018-939` of the first release at `ALAS-2018-939.html`.
 */
function addressOf(id: string): string {
  const parts = /^ALAS(2(?:\d{3})?)?(.*)$/.exec(id);
  const [, release, rest = ""] = parts ?? [];
  return `https://alas.aws.amazon.com/${release ? `AL${release}/` : ""}ALAS${rest}.html`;
}
