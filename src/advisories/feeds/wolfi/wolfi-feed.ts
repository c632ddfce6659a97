import type { AdvisoryFeed } from "../../advisory-feed.ts";
import { rollingSecdbFeed } from "../secdb/rolling-secdb-feed.ts";

/** Wolfi's security database. Read at run time only: its terms do not allow others to pass it on. */
export const wolfiFeed: AdvisoryFeed = rollingSecdbFeed({
  id: "wolfi",
  revision: 2,
  ecosystem: "Wolfi",
  title: "Wolfi Security Database",
  prefix: "WOLFI",
  address: "https://packages.wolfi.dev/os/",
});
