import type { Channel } from "../../../model/findings/advisory.ts";
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
  /** The channels in this group of packages, by name. */
  readonly channels: ReadonlyMap<string, Channel>;
  /** The group around this one. */
  readonly outer?: Scope;
}

/** What the criteria of a definition say. */
export interface ElsaFixes {
  /** The fixed packages, whose versions may be none. */
  readonly fixes: readonly RpmFix[];
  /**
   * Unreadable parts that may say that packages are fixed, the first of each kind: `names a outside of any release`.
   * Empty when all can.
   */
  readonly unread: readonly string[];
  /** The first test in words that are not known. */
  readonly unknown?: string;
}

/** Reads the criteria of a definition. */
export function elsaFixes(criteria: OvalCriteria): ElsaFixes {
  const fixes: RpmFix[] = [];
  let comment: string | undefined;
  let outside: string | undefined;
  walk(criteria, { channels: new Map() }, (criterion, scope) => {
    const found = fixIn(criterion);
    if (found && scope.release !== undefined) fixes.push(...fixesOf(found, scope));
    else if (found) outside ??= found.name;
    else if (!knownComment.test(criterion.comment)) comment ??= criterion.comment;
  });
  const unread = [
    ...criteria.passedOver.slice(0, 1).map((what) => `has ${what}, which is not supported`),
    ...(outside !== undefined ? [`lists ${outside.slice(0, 100)} outside any release`] : []),
  ];
  const unknown = comment !== undefined && `has an unknown criterion: ${JSON.stringify(comment.slice(0, 100))}`;
  return { fixes, unread, ...(unknown && { unknown }) };
}

const knownComment =
  /^(?:Oracle Linux (?:\S+ is installed|arch is \w+)|Module \S+ is enabled|\S+ is (?:signed with .+|ksplice-based|fips patched))$/;

type Take = (criterion: OvalCriterion, scope: Scope) => void;

function walk({ operator, criterions, criteria }: OvalCriteria, outer: Scope, take: Take): void {
  const scope = operator === "AND" ? narrowed(outer, criterions) : outer;
  for (const criterion of criterions) take(criterion, scope);
  for (const inside of criteria) walk(inside, scope, take);
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

interface FixedPackage {
  readonly name: string;
  /** As written, empty when there is none. */
  readonly fixed: string;
}

function fixIn({ comment }: OvalCriterion): FixedPackage | undefined {
  const [, name, fixed = ""] = /^(\S+) is earlier than(?: (.*))?$/.exec(comment) ?? [];
  return name === undefined ? undefined : { name, fixed };
}

function fixesOf({ name, fixed }: FixedPackage, scope: Scope): RpmFix[] {
  const { release, architecture, module } = scope;
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
