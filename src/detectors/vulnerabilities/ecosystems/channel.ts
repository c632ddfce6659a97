import { type Affected, affectedExtension, type Channel } from "../../../model/findings/advisory.ts";

// A channel brings fixes that not every installation gets. Three kinds of them behave in three ways:
//
// - esm, ltss: fixes for a release after its general support, to those who pay. Without them the package stays
//   affected, and the fix that exists is out of reach.
// - fips, ksplice, livepatch: builds of their own, told by the version (3.0.2-0ubuntu1.10+Fips1,
//   2:2.17-326.ksplice1.el7). Oracle gives them an epoch of their own, so neither can be compared with the other's
//   fixes; Ubuntu's count on from those of the plain package, whose fixes hold for them where no fixes of their own are
//   known.
// - eus: fixes for a minor release of Red Hat. Only an image whose repositories bring them has them.

/** The channel of an entry: the one that its feed states, else the one that its ecosystem names. */
export function channelOf(entry: Affected): Channel | undefined {
  const channel = entry.database_specific && affectedExtension(entry).channel;
  if (channel) return channel;
  const ecosystem = entry.package?.ecosystem ?? "";
  if (!ecosystem.includes(":")) return undefined;
  if (ecosystem.startsWith("Ubuntu:Pro:")) return /^Ubuntu:Pro:FIPS/i.test(ecosystem) ? "fips" : "esm";
  if (/^SUSE:.*-(?:LTSS|ESPOS|BCL)\b/.test(ecosystem)) return "ltss";
  if (/^Red Hat:(?:rhel_(?:eus|aus|tus|e4s|els)|enterprise_linux_eus)\b/.test(ecosystem)) return "eus";
  return undefined;
}

function hasNoChannel(entry: Affected): boolean {
  return channelOf(entry) === undefined;
}

/** The channels that a version shows to come from. */
function channelsOfVersion(version: string): ReadonlySet<Channel> {
  const channels = new Set<Channel>();
  if (/esm\d*/.test(version)) channels.add("esm");
  if (/fips/i.test(version)) channels.add("fips");
  if (/ksplice/i.test(version)) channels.add("ksplice");
  return channels;
}

/** The subject that entries are compared with. */
export interface ChannelSubject {
  readonly ecosystem: string;
  readonly version: string;
  /** Channels that the target is known to use besides what the version shows. */
  readonly chosen: ReadonlySet<Channel>;
}

/** The entries that decide about a version, or why none may. */
export type DecidingEntries =
  | {
      readonly entries: readonly Affected[];
      /** The channel that brings the fixes of these entries, when the target does not use it. */
      readonly unused?: Channel;
    }
  | { readonly reason: () => string };

/**
 * The deciding entries about one package and release. First those of a channel that the version comes from: what the
 * others say of fixes is not about it. Then those for everybody. Then, because it is all that is known, those of a
 * channel that continues the release: the package is affected as they say, and their fix needs the channel.
 */
export function decidingEntries(
  entries: readonly Affected[],
  { ecosystem, version, chosen }: ChannelSubject,
): DecidingEntries {
  const isOracle = ecosystem.startsWith("Oracle Linux");
  if (!isOracle && entries.length > 0 && entries.every(hasNoChannel)) return { entries };
  const channelFor = (entry: Affected): Channel | undefined => {
    const channel = channelOf(entry);
    return channel && chosen.has(channel) ? undefined : channel;
  };
  const byChannel = Map.groupBy(entries, channelFor);
  const channels = [...channelsOfVersion(version)];
  const own = channels.flatMap((channel) => byChannel.get(channel) ?? []);
  if (own.length > 0) return { entries: own };
  if (channels.length > 0 && isOracle) {
    return { reason: () => `it is not for packages of the channel ${channels.join(" and ")}` };
  }
  const main = byChannel.get(undefined);
  if (main) return { entries: main };
  for (const channel of continuing) {
    const sold = byChannel.get(channel);
    if (sold) return { entries: sold, unused: channel };
  }
  return { reason: () => `it is only for packages of the channel ${[...byChannel.keys()].join(" and ")}` };
}

/** Whether the fix of an entry is for those who pay, and would be for this package. */
export function isContinuing(channel: Channel | undefined): channel is "esm" | "ltss" {
  return channel === "esm" || channel === "ltss";
}

const continuing = ["esm", "ltss"] as const;
