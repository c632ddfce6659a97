import type { Coordinates } from "./coordinates.ts";
import type { JavaManifest } from "./java-manifest.ts";

/** What lies in an archive that shows its group. */
interface Witness {
  readonly group: string;
  /** Attributes of the manifest, all of which must have these values. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Classes, all of which must be there. */
  readonly classes?: readonly string[];
  /** The versions that were published under the group; all unless given. */
  readonly versions?: RegExp;
}

/** By artifact. Facts read from the archives of Maven Central that have no `pom.xml` inside. */
const witnesses: ReadonlyMap<string, Witness> = new Map([
  // Later versions are `at.yawk.lz4`, and hold their `pom.xml`.
  [
    "lz4-java",
    {
      group: "org.lz4",
      attributes: { "bundle-symbolicname": "lz4-java" },
      classes: ["net/jpountz/lz4/LZ4Factory.class"],
      versions: /^1\.(?:[0-7]\.\d+|8\.0)$/,
    },
  ],
  ["serializer", { group: "xalan", classes: ["org/apache/xml/serializer/Serializer.class"] }],
  ["thymeleaf-spring5", { group: "org.thymeleaf", attributes: { "implementation-vendor": "The THYMELEAF team" } }],
  ["xml-apis", { group: "xml-apis", classes: ["org/apache/xmlcommons/Version.class", "org/w3c/dom/Document.class"] }],
  [
    "xml-apis-ext",
    { group: "xml-apis", classes: ["org/w3c/css/sac/Parser.class", "org/w3c/dom/svg/SVGDocument.class"] },
  ],
  [
    "xmlgraphics-commons",
    { group: "org.apache.xmlgraphics", attributes: { "implementation-title": "Apache XML Graphics Commons" } },
  ],
]);

/** The classes that show the group of some archive. */
export const witnessClasses: ReadonlySet<string> = new Set(
  [...witnesses.values()].flatMap(({ classes = [] }) => classes),
);

/**
 * The group of an artifact whose manifest or classes show that it is the known one. Undefined for others, also for an
 * archive that only has the name.
 */
export function witnessedGroup(
  { artifact, version }: Coordinates,
  { manifest, classes }: { readonly manifest: JavaManifest; readonly classes: ReadonlySet<string> },
): string | undefined {
  const witness = witnesses.get(artifact);
  if (!witness || !(witness.versions?.test(version) ?? true)) return undefined;
  const hasAttributes = Object.entries(witness.attributes ?? {}).every(([name, value]) => manifest.get(name) === value);
  const hasClasses = witness.classes?.every((name) => classes.has(name)) ?? true;
  return hasAttributes && hasClasses ? witness.group : undefined;
}
