import type { Channel } from "../../../model/advisory.ts";
import type { RpmFix } from "../errata/rpm-fix.ts";
import type { OvalCriteria, OvalCriterion } from "../oval/oval-definition.ts";

// Oracle's criteria say in the comment of each test what it tests, in these words:
//
//   Oracle Linux 8 is installed
//   Oracle Linux arch is x86_64
//   Module nodejs:18 is enabled
//   NAME is earlier than EPOCH:VERSION-RELEASE
//   NAME is signed with the Oracle Linux 8 key
//   NAME is ksplice-based, NAME is fips patched
//
// In a group of which all must hold, the first three, and the last two for the packages that they name, hold for
// everything else in it, groups inside it included; in a group of which one must hold they say nothing of their
// neighbours. Whether a package is signed is not looked at. A build for Ksplice or FIPS also shows in its version.

interface Scope {
  readonly release?: string;
  readonly architecture?: string;
  readonly module?: string;
  /** What is said in this group of packages by name. */
  readonly channels: ReadonlyMap<string, Channel>;
  /** The group around this one. */
  readonly outer?: Scope;
}

/** The fixed packages of a definition; none for a package that stands outside any release. */
export function elsaFixes(criteria: OvalCriteria): RpmFix[] {
  const fixes: RpmFix[] = [];
  walk(criteria, { channels: new Map() }, fixes);
  return fixes;
}

/** The first comment in other words than those above, outside of what is negated; undefined when there is none. */
export function unknownComment({ criterions, criteria }: OvalCriteria): string | undefined {
  for (const { comment } of criterions) if (!knownComment.test(comment)) return comment;
  for (const inside of criteria) {
    const comment = unknownComment(inside);
    if (comment !== undefined) return comment;
  }
  return undefined;
}

const knownComment =
  /^(?:Oracle Linux (?:\S+ is installed|arch is \w+)|Module \S+ is enabled|\S+ is (?:earlier than \S+|signed with .+|ksplice-based|fips patched))$/;

function walk({ operator, criterions, criteria }: OvalCriteria, outer: Scope, fixes: RpmFix[]): void {
  const scope = operator === "AND" ? narrowed(outer, criterions) : outer;
  for (const criterion of criterions) fixes.push(...fixesOf(criterion, scope));
  for (const inside of criteria) walk(inside, scope, fixes);
}

function narrowed(outer: Scope, criterions: readonly OvalCriterion[]): Scope {
  const channels = new Map<string, Channel>();
  const found: { -readonly [K in keyof Scope]: Scope[K] } = { ...outer, channels, outer };
  for (const { comment } of criterions) {
    const release = /^Oracle Linux (\d{1,3})(?:\.\d{1,3})? is installed$/.exec(comment)?.[1];
    if (release !== undefined) found.release = release;
    const architecture = /^Oracle Linux arch is (\w+)$/.exec(comment)?.[1];
    if (architecture !== undefined) found.architecture = architecture;
    const module = /^Module (\S+) is enabled$/.exec(comment)?.[1];
    if (module?.includes(":")) found.module = module;
    const [, name, kind] = /^(\S+) is (ksplice-based|fips patched)$/.exec(comment) ?? [];
    if (name !== undefined) channels.set(name, kind === "fips patched" ? "fips" : "ksplice");
  }
  return found;
}

function fixesOf({ comment }: OvalCriterion, scope: Scope): RpmFix[] {
  const { release, architecture, module } = scope;
  const [, name, fixed] = /^(\S+) is earlier than (\S+)$/.exec(comment) ?? [];
  if (name === undefined || fixed === undefined || release === undefined) return [];
  const channel = statedChannel(name, scope) ?? channelOfVersion(fixed);
  const fix: RpmFix = {
    ecosystem: `Oracle Linux:${release}`,
    name,
    fixed,
    names: "binary",
    ...(module !== undefined && { module }),
    ...(channel !== undefined && { channel }),
  };
  if (architecture === undefined) return [fix];
  const each = packageArchitectures.get(architecture) ?? [architecture];
  return each.map((one) => ({ ...fix, architecture: one }));
}

function statedChannel(name: string, scope: Scope): Channel | undefined {
  for (let group: Scope | undefined = scope; group; group = group.outer) {
    const channel = group.channels.get(name);
    if (channel) return channel;
  }
  return undefined;
}

/** The packages that a machine of an architecture runs besides its own and `noarch`. */
const packageArchitectures: ReadonlyMap<string, readonly string[]> = new Map([
  ["i386", ["i386", "i586", "i686"]],
  ["x86_64", ["i386", "i586", "i686", "x86_64"]],
]);

function channelOfVersion(version: string): Channel | undefined {
  if (/\.ksplice\d/.test(version)) return "ksplice";
  return /[._]fips/i.test(version) ? "fips" : undefined;
}
