import { ecosystemsWithOrder } from "../../versions/ecosystems.ts";
import type { AdvisoryFeed } from "../advisory-feed.ts";
import { alpineFeed } from "./alpine/alpine-feed.ts";
import { amazonFeed } from "./amazon/amazon-feed.ts";
import { azureLinuxFeed } from "./azure-linux/azure-linux-feed.ts";
import { chainguardFeed } from "./chainguard/chainguard-feed.ts";
import { cocoapodsFeed } from "./cocoapods/cocoapods-feed.ts";
import { debianFeed } from "./debian/debian-feed.ts";
import { endOfLifeFeed } from "./end-of-life/end-of-life-feed.ts";
import { epssFeed } from "./epss/epss-feed.ts";
import { exploitDbFeed } from "./exploit-db/exploit-db-feed.ts";
import { kevFeed } from "./kev/kev-feed.ts";
import { kubernetesFeed } from "./kubernetes/kubernetes-feed.ts";
import { nvdFeed } from "./nvd/nvd-feed.ts";
import { oracleFeed } from "./oracle/oracle-feed.ts";
import { osvFeed } from "./osv/osv-feed.ts";
import { photonFeed } from "./photon/photon-feed.ts";
import { redHatFeed } from "./red-hat/red-hat-feed.ts";
import { redHatRepositoriesFeed } from "./red-hat-repositories/red-hat-repositories-feed.ts";
import { suseFeed } from "./suse/suse-feed.ts";
import { ubuntuFeed } from "./ubuntu/ubuntu-feed.ts";
import { wolfiFeed } from "./wolfi/wolfi-feed.ts";

/** Feeds of publishers themselves; for an ecosystem that one of them fills, OSV's copy is not fetched. */
const publishers: readonly AdvisoryFeed[] = [
  alpineFeed,
  amazonFeed,
  azureLinuxFeed,
  chainguardFeed,
  cocoapodsFeed,
  debianFeed,
  kubernetesFeed,
  oracleFeed,
  photonFeed,
  redHatFeed,
  suseFeed,
  ubuntuFeed,
  wolfiFeed,
];

/** Every feed, in the order in which they are fetched. */
export const feeds: readonly AdvisoryFeed[] = [
  osvFeed,
  ...publishers,
  kevFeed,
  epssFeed,
  nvdFeed,
  endOfLifeFeed,
  exploitDbFeed,
  redHatRepositoriesFeed,
];

const filledByPublishers: ReadonlySet<string> = new Set(publishers.flatMap(({ ecosystems }) => ecosystems));

/** Their versions can be compared, and OSV has no records of them. */
const unknownToOsv: ReadonlySet<string> = new Set(["Arch Linux", "ConanCenter", "Fedora", "Gentoo"]);

/** The ecosystems that come from OSV: those whose versions can be compared and which no publisher's own feed fills. */
export const ecosystemsOfOsv: readonly string[] = ecosystemsWithOrder.filter(
  (name) => !filledByPublishers.has(name) && !unknownToOsv.has(name),
);
