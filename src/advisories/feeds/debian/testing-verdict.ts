import { isJsonObject } from "../../../model/objects/json-object.ts";
import { longestVersion, readTrackerRelease, type TrackerVerdict } from "./tracker-release.ts";

/**
 * What the tracker says of a package for an image of testing or of unstable. Their os-release does not distinguish the
 * two, because it names testing in both (`forky/sid`), and a package comes from unstable to testing under the same
 * version. So testing's word counts, and:
 *
 * - an issue that is open in testing and fixed in unstable is fixed from that version on;
 * - where unstable is open and testing is not, the version that is in unstable is affected as well;
 * - of a package that testing does not have, unstable's word counts.
 *
 * `testing` and `sid` are as for {@link readTrackerRelease}; undefined for a release without an entry.
 */
export function testingVerdict(testing: unknown, sid: unknown): TrackerVerdict | undefined {
  const ofSid = readTrackerRelease(sid);
  if (testing === undefined) return ofSid;
  const ofTesting = readTrackerRelease(testing);
  if (!ofTesting || ofSid?.kind !== "affected" || isOpen(ofTesting) === isOpen(ofSid)) return ofTesting;
  if (isOpen(ofTesting)) return ofSid;
  const version = versionIn(sid);
  if (version === undefined) return ofTesting;
  return { ...ofSid, ranges: ofTesting.kind === "affected" ? ofTesting.ranges : [], versions: [version] };
}

function isOpen(verdict: TrackerVerdict): boolean {
  return (
    verdict.kind === "affected" && verdict.ranges.some(({ events }) => events.every(({ fixed }) => fixed === undefined))
  );
}

/** The version that is in unstable: `"repositories": {"sid": "1.2-3"}`. */
function versionIn(sid: unknown): string | undefined {
  const repositories = isJsonObject(sid) ? sid["repositories"] : undefined;
  const version = isJsonObject(repositories) ? repositories["sid"] : undefined;
  return typeof version === "string" && version !== "" && version.length <= longestVersion ? version : undefined;
}
