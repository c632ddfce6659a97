/**
 * Text without the users and passwords of the addresses in it, such as those that were arguments: what stands before
 * the last `@` of a word when it looks like one, also where the password holds `@` or `/`, which an address must not.
 * Names of images and packages stay as they are: a port and a path, as in `host:5000/name@…`, are no user, and a digest
 * or a version after the `@` is no host. `registry:` or `npm:` may be a user only where a host follows.
 */
export function hidePasswords(text: string): string {
  return text.replace(userOfAnAddress, "$1[secret]@").replace(/\S+/g, withoutPassword);
}

/** Of any address in a word, such as the second one of a list. */
const userOfAnAddress = /(:\/\/)(?!\[secret\]@)[^\s/@]+@(?!sha\d)/g;

const filePrefix = /^(?:docker-archive|oci-archive|oci-dir|oci|dir|sbom):/i;
const namePrefix = new RegExp(
  `^(?:${[
    "docker|docker-daemon|podman|containers-storage|containerd|registry",
    "alpm|apk|cargo|cocoapods|composer|conan|conda|cran|deb|gem|generic|github|go|golang|hackage|hex|maven|npm|nuget",
    "pub|pypi|rpm|swift",
  ].join("|")}):`,
  "i",
);
const digest = /^(?:sha\d{1,3}(?::[^/]*)?$|[a-z0-9]{1,20}:[0-9a-f]{32})/i;
const version = /^v?\d{1,9}(?:\.\d{1,9}){1,9}(?:[-+~][\w.+~-]*|\.?[a-z]+\d*)?$/i;
const ip = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const host =
  /^(?:localhost|[\w-]+(?=:\d)|(?:[\w-]+\.)+[a-z][\w-]*|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

function withoutPassword(word: string): string {
  const end = endOfUser(word);
  if (end <= 0) return word;
  const scheme = word.indexOf("://");
  if (scheme >= 0 && scheme < end) {
    const start = scheme + "://".length;
    return isUserOfAddress(word.slice(start, end)) ? hidden(word, { start, end }) : word;
  }
  const opened = /^["'`(<[]*/.exec(word)?.[0].length ?? 0;
  const path = opened + (filePrefix.exec(word.slice(opened, end))?.[0].length ?? 0);
  const start = path + (namePrefix.exec(word.slice(path, end))?.[0].length ?? 0);
  const user = word.slice(start, end);
  const place = placeAfter(word, end);
  if (isUserWithPassword(user)) return isVersion(place) && !host.test(place.name) ? word : hidden(word, { start, end });
  return start > path && isOneWord(user, place) ? hidden(word, { start, end }) : word;
}

function hidden(word: string, { start, end }: { readonly start: number; readonly end: number }): string {
  return `${word.slice(0, start)}[secret]${word.slice(end)}`;
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

/** What would be the host, and whether a path follows. */
interface Place {
  readonly name: string;
  readonly hasPath: boolean;
}

function placeAfter(word: string, end: number): Place {
  const name = /^[^/@]{0,300}/.exec(word.slice(end + 1))?.[0] ?? "";
  const hasPath = word.startsWith("/", end + 1 + name.length);
  return { name: hasPath ? name : name.replace(/["'`)\]>,.;:!?]{1,9}$/, ""), hasPath };
}

function isVersion({ name, hasPath }: Place): boolean {
  return !hasPath && version.test(name) && !ip.test(name);
}

/** True for the password of somebody who is called as a scheme is: `marker@host.test` after `registry:`. */
function isOneWord(user: string, place: Place): boolean {
  if (user === "" || isVersion(place)) return false;
  const isHost = host.test(place.name);
  return user.includes("/") ? isHost && place.hasPath : isHost || place.hasPath;
}

function isUserOfAddress(user: string): boolean {
  const [first = ""] = user.split("/", 1);
  return user !== "" && (first === user || first.includes("@") || isUserWithPassword(user));
}

function isUserWithPassword(user: string): boolean {
  return /^[^/:@]+:(?!\d{0,5}\/)/.test(user) && !/^(?:pkg:|[A-Za-z]:\\)/.test(user);
}
