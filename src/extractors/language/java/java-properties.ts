import { type Coordinates, isMavenId, isMavenVersion } from "./coordinates.ts";

// A properties file (java.util.Properties, "load") is lines of `key=value`, `key:value` or `key value`. Lines that
// begin with `#` or `!` are comments; a backslash escapes the next character, joins lines at a line's end, and `\uXXXX`
// is a character by number.

/**
 * The values of a Java properties file; of a key that stands twice, the last.
 *
 * Source: java.util.Properties, Java SE 21, `load(Reader)`.
 */
export function parseProperties(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  let joined = "";
  for (const line of text.split(/\r\n|\n|\r/)) {
    const part = line.replace(/^[ \t\f]+/, "");
    if (joined === "" && /^[#!]/.test(part)) continue;
    if (endsInOddBackslashes(part)) {
      joined += part.slice(0, -1);
      continue;
    }
    addProperty(properties, joined + part);
    joined = "";
  }
  addProperty(properties, joined);
  return properties;
}

/** The coordinates in a `pom.properties`; undefined when one is missing, empty or still a placeholder. */
export function pomCoordinates(text: string): Required<Coordinates> | undefined {
  const properties = parseProperties(text);
  const group = properties.get("groupId");
  const artifact = properties.get("artifactId");
  const version = properties.get("version");
  if (!isMavenId(group) || !isMavenId(artifact) || !isMavenVersion(version)) return undefined;
  return { group, artifact, version };
}

function endsInOddBackslashes(line: string): boolean {
  let count = 0;
  while (count < line.length && line[line.length - 1 - count] === "\\") count++;
  return count % 2 === 1;
}

function addProperty(properties: Map<string, string>, line: string): void {
  let end = 0;
  while (end < line.length && !/[=: \t\f]/.test(line[end] ?? "")) end += line[end] === "\\" ? 2 : 1;
  const key = unescaped(line.slice(0, end));
  if (key === "") return;
  const value = line.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, "");
  properties.set(key, unescaped(value).trimEnd());
}

function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(?:u([\da-f]{4})|(.))/gi, (_, code: string | undefined, character: string | undefined) =>
    code === undefined
      ? (controls[character ?? ""] ?? character ?? "")
      : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

const controls: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };
