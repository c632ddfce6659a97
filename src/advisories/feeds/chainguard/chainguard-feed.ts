import type { AdvisoryFeed } from "../../advisory-feed.ts";
import { rollingSecdbFeed } from "../secdb/rolling-secdb-feed.ts";

/** Chainguard's security database. Read at run time only: its terms do not allow others to pass it on. */
export const chainguardFeed: AdvisoryFeed = rollingSecdbFeed({
  id: "chainguard",
  revision: 2,
  ecosystem: "Chainguard",
  title: "Chainguard Security Database",
  prefix: "CHAINGUARD",
  address: "https://packages.cgr.dev/chainguard/",
});
