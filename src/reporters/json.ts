import { isJsonObject } from "../model/json-object.ts";
import type { Reporter } from "./reporter.ts";

/**
 * Every property of a report in the order in which JSON has them, whatever the order in which an object was built. A
 * property that is not here comes after these, in order of its name.
 */
const propertyOrder: readonly string[] = [
  ...["schemaVersion", "tool", "createdAt", "target", "distro", "layers", "packages", "findings", "problems"],
  ...["database", "verdict", "kind", "code", "message", "decision", "reasons"],
  ...[
    "advisory",
    "ecosystem",
    "index",
    "id",
    "idLike",
    "aliases",
    "severity",
    "score",
    "summary",
    "type",
    "name",
    "version",
  ],
  ...[
    "codename",
    "architecture",
    "source",
    "licenses",
    "vendor",
    "module",
    "purl",
    "package",
    "path",
    "paths",
    "layer",
  ],
  ...["ownedBy", "fixedIn", "status", "evidence", "matchedBy", "rule", "scheme", "comparison"],
  ...[
    "imageId",
    "manifestDigest",
    "tags",
    "platform",
    "user",
    "digest",
    "diffId",
    "size",
    "createdBy",
    "base",
    "verified",
  ],
  ...["builtAt", "records", "newest", "ecosystems", "limits"],
];
const position: ReadonlyMap<string, number> = new Map(propertyOrder.map((name, index) => [name, index]));

/** Characters that JSON allows in a string and a terminal may obey or hide: also a report on a terminal is harmless. */
const unsafe = /[\u007f-\u009f\u2028\u2029\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * The report as JSON after `docs/report.schema.json`: two spaces of indentation, a line break at the end, properties in a
 * fixed order. A long list is written one item at a time.
 */
export const json: Reporter = {
  id: "json",
  mediaType: "application/json",
  *write(report) {
    let opening = "{\n";
    for (const [name, value] of ordered(report)) {
      const start = `${opening}  ${JSON.stringify(name)}: `;
      opening = ",\n";
      if (Array.isArray(value) && value.length > 0) yield* list(start, value);
      else yield start + text(value, "  ");
    }
    yield "\n}\n";
  },
};

function* list(start: string, items: readonly unknown[]): Iterable<string> {
  let opening = `${start}[\n`;
  for (const item of items) {
    yield `${opening}    ${text(item, "    ")}`;
    opening = ",\n";
  }
  yield "\n  ]";
}

function text(value: unknown, indentation: string): string {
  const plain = JSON.stringify(
    value,
    (_, inner: unknown) => (isJsonObject(inner) ? Object.fromEntries(ordered(inner)) : inner),
    2,
  );
  return plain.replace(unsafe, escaped).replaceAll("\n", `\n${indentation}`);
}

function ordered(record: object): [string, unknown][] {
  const last = position.size;
  return Object.entries(record)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (position.get(a) ?? last) - (position.get(b) ?? last) || (a < b ? -1 : 1));
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }).join("");
}
