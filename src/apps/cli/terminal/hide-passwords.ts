/**
 * Text without the users and passwords of the addresses in it, such as those that were arguments: what stands before
 * the last `@` of a word when it looks like one, also where the password holds `@` or `/`, which an address must not,
 * and where a slash of the address was forgotten. Names of images and packages stay as they are: a port and a path, as
 * in `host:5000/name@…`, are no user unless a host follows, and a digest or a version after the `@` is no host. Neither
 * is mail below an address with a port (`https://host.test:443/users/ada@…`), nor a path below `/usr/` and its like.
 * `registry:` or `npm:` may be a user only where a host follows. What may be either is hidden.
 */
export function hidePasswords(text: string): string {
  return text.replace(userOfAnAddress, "$1[secret]@").replace(/\S+/g, withoutPassword);
}

/** The user in any address in a word, such as the second one of a list. */
const userOfAnAddress = /(:\/\/)(?!\[secret\]@)[^\s/@]+@(?!sha\d)/g;

const filePrefix = /^(?:docker-archive|oci-archive|oci-dir|oci|dir|sbom|file|unix):/i;
const namePrefix = new RegExp(
  `^(?:${[
    "docker|docker-daemon|podman|containers-storage|containerd|registry",
    "alpm|apk|cargo|cocoapods|composer|conan|conda|cran|deb|gem|generic|github|go|golang|hackage|hex|maven|npm|nuget",
    "pub|pypi|rpm|swift",
  ].join("|")}):`,
  "i",
);
const digest = /^(?:sha\d{1,3}(?::[^/]*)?$|[a-z0-9]{1,20}:[0-9a-f]{32})/i;
const version = /^v?\d{1,9}(?:\.\d{1,9}){1,9}(?:\.?[a-z]+\d*)?(?:[-+~][\w.+~-]*)?$/i;
/** Also `4`, `v1` and `4.x`, which are versions in a path alone. */
const versionInPath = /^v?\d{1,9}(?:\.(?:\d{1,9}|x)){0,9}$/i;
/** The last part of a version that could be a host's name, if any domain ended so. */
const qualifier =
  /\.(?:alpha|beta|final|ga|pre|release|snapshot|(?:alpha|b|beta|cr|dev|jre|m|post|pre|rc|sp|v)\d{1,9})(?:-\w+){0,9}$/i;
const ip = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const host =
  /^(?:localhost|[\w-]+(?=:\d)|(?:[\w-]+\.)+[a-z][\w-]*|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

function withoutPassword(word: string): string {
  const end = endOfUser(word);
  if (end <= 0) return word;
  const place = placeAfter(word, end);
  const opened = /^["'`(<[]*/.exec(word)?.[0].length ?? 0;
  const address = startOfAddress(word, { opened, end });
  if (address !== undefined) {
    const inAddress = { ...place, before: word.slice(0, address) };
    return isUserOfAddress(word.slice(address, end), inAddress) ? hidden(word, { start: address, end }) : word;
  }
  const path = opened + lengthOf(filePrefix, word.slice(opened, end));
  // A scheme with one slash, unless it is a path that has a name like one.
  const slash = path === opened ? opened + lengthOf(/^[a-z][a-z0-9+.-]{0,30}:\/+/i, word.slice(opened, end)) : opened;
  if (slash > opened && isUserWithPassword(word.slice(slash, end), place)) return hidden(word, { start: slash, end });
  const start = path + lengthOf(namePrefix, word.slice(path, end));
  const user = word.slice(start, end);
  if (isUserWithPassword(user, place)) return isVersion(place) ? word : hidden(word, { start, end });
  return start > path && isOneWord(user, place) ? hidden(word, { start, end }) : word;
}

function hidden(word: string, { start, end }: { readonly start: number; readonly end: number }): string {
  return `${word.slice(0, start)}[secret]${word.slice(end)}`;
}

function lengthOf(prefix: RegExp, text: string): number {
  return prefix.exec(text)?.[0].length ?? 0;
}

/** Where the last `@` stands that does not begin a digest; not above 0 when there is none before which something is. */
function endOfUser(word: string): number {
  let until = word.length;
  let at = word.lastIndexOf("@");
  while (at > 0 && digest.test(word.slice(at + 1, until))) {
    until = at;
    at = word.lastIndexOf("@", at - 1);
  }
  return at;
}

/** Behind the slashes of an address, of which `https:/` may lack one; undefined for a word that is none. */
function startOfAddress(
  word: string,
  { opened, end }: { readonly opened: number; readonly end: number },
): number | undefined {
  const written = lengthOf(/^(?:https?:\/+|\/\/+)/i, word.slice(opened, end));
  if (written > 0) return opened + written;
  const scheme = word.indexOf("://");
  return scheme >= 0 && scheme < end ? scheme + "://".length : undefined;
}

/** What would be the host, and what follows it. */
interface Place {
  readonly name: string;
  readonly hasPath: boolean;
  readonly isGitReference: boolean;
  /** What stands before the user, such as `https://`; undefined for a word that is no address. */
  readonly before?: string;
}

function placeAfter(word: string, end: number): Place {
  const name = /^[^/@]{0,300}/.exec(word.slice(end + 1))?.[0] ?? "";
  const hasPath = word.startsWith("/", end + 1 + name.length);
  const isGitReference = /^refs\/(?:heads|pull|tags)\//.test(word.slice(end + 1));
  return { name: hasPath ? name : name.replace(/["'`)\]>,.;:!?]{1,9}$/, ""), hasPath, isGitReference };
}

function isVersion({ name, hasPath }: Place): boolean {
  return !hasPath && looksLikeVersion(name);
}

function looksLikeVersion(name: string): boolean {
  return version.test(name) && !ip.test(name) && (!host.test(name) || qualifier.test(name));
}

/** True for the password of a user whose name is that of a scheme: `marker@host.test` after `registry:`. */
function isOneWord(user: string, place: Place): boolean {
  if (user === "" || isVersion(place)) return false;
  const isHost = host.test(place.name);
  return user.includes("/") ? isHost && place.hasPath : isHost || place.hasPath;
}

/** What stands before the `@` in `https://host.test:443/users/ada@corp.test`. */
const mailInPath = /^(?:localhost|[^/:@.]+\.[^/:@]+):\d{1,5}\/[^@]*\/[^/@]+$/;

function isUserOfAddress(user: string, place: Place): boolean {
  const [first = ""] = user.split("/", 1);
  const isPage = /https?:\/+$/i.test(place.before ?? "");
  if (isPage && !place.hasPath && !/:\d+$/.test(place.name) && mailInPath.test(user)) return false;
  return user !== "" && (first === user || first.includes("@") || isUserWithPassword(user, place));
}

function isUserWithPassword(user: string, place: Place): boolean {
  if (isOrdinary(user, place)) return false;
  if (/^[^/:@]+:(?!\d{0,5}\/)/.test(user)) return true;
  // From here on only where a host follows: `ada@example.com:…`, and what begins as a port and a path do.
  if (isVersion(place)) return false;
  const isHost = place.hasPath || host.test(place.name);
  if (/^[^/:@]*@[^/:]*:/.test(user)) return isHost || /^[\w-]+$/.test(place.name);
  return isUserBeforeSlash(user, place);
}

/** Folders that stand at the root of a file system, as a password does not begin. */
const rootFolder = /^[^/:]+:\/(?:dev|etc|home|media|mnt|opt|proc|root|run|srv|sys|tmp|usr|var)\//;

/** True for `ada:5000/marker` and `ada:/marker`, which are also a host with a port and a path, and a list of paths. */
function isUserBeforeSlash(user: string, { name, hasPath, before }: Place): boolean {
  const [, first] = /^([^/:]+):.*[^/]$/s.exec(user) ?? [];
  if (first === undefined || (before === undefined && rootFolder.test(user))) return false;
  if (looksLikeVersion(name) || (versionInPath.test(name) && !ip.test(name))) return false;
  const isOneName = first !== "localhost" && !first.includes(".");
  return host.test(name) || (hasPath && isOneName && /^[a-z][\w-]*$/i.test(name));
}

/** True for text that has the form of a user and a password, and a meaning of its own. */
function isOrdinary(user: string, { name, hasPath, isGitReference }: Place): boolean {
  if (/^(?:pkg:|[A-Za-z]:\\|mailto:[^/:]*$|arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:\d*:)/.test(user)) return true;
  if (isGitReference) return /^repo:[\w.-]+\/[\w.-]+:/.test(user);
  // A line and a column of a file, after which no host comes.
  return name === "" && !hasPath && /^[\w.-]+\.[a-z]+:\d+:\d+$/.test(user);
}
