import { openZip, type ZipArchive, type ZipEntry, type ZipSource } from "../../../io/compression/zip.ts";
import type { OpenFile } from "../../../model/images/file.ts";
import type { FoundPackage } from "../../../model/packages/package.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { ArchiveBudget } from "./archive-budget.ts";
import { identifyArchive } from "./archive-identity.ts";
import { archiveSuffixes, isArchivePath } from "./archive-name.ts";
import { type Coordinates, isMavenId } from "./coordinates.ts";
import { type JavaManifest, parseManifest } from "./java-manifest.ts";
import { pomCoordinates } from "./java-properties.ts";
import { witnessClasses } from "./witnessed-groups.ts";

/** How many archives may lie in each other below the file itself. */
const depthLimit = 16;
/** Bytes of the name of an entry. */
const nameLimit = 1024;
const manifestLimit = 8 * 1024 * 1024;
const propertiesLimit = 64 * 1024;
/** The most that deflate can make of one byte. */
const deflateRatio = 1032;

/**
 * Java archives and what is packed into them: archives inside archives at any place (`BOOT-INF/lib`, `WEB-INF/lib`),
 * and the releases of which a shaded archive keeps the `pom.properties`. `identifyArchive` says how an archive gets its
 * name: `group:artifact`, or `artifact` alone where nothing tells the group.
 *
 * Read are the central directory, `pom.properties`, `META-INF/MANIFEST.MF` and nested archives; a nested archive that
 * is stored is read in place. A script before the archive is passed over. Limits: 16 archives in each other, 256 MiB in
 * memory, 2 GiB inflated, 200,000 entries in one archive and 1,000,000 in all, 50,000 of them kept and opened.
 *
 * A file that is not a ZIP archive is a problem when its name promises one (`.jar`, `.war`, `.ear`) and it is not
 * empty; the other suffixes have other owners too, among them RAR archives and the data of sysstat.
 */
export const java: Extractor = {
  id: "language/java",
  revision: 9,
  files: [...archiveSuffixes, ".JAR", ".WAR", ".EAR"].map((suffix) => ({ suffix })),
  extract,
};

function extract(file: OpenFile, context: Context): Iterable<Extraction> {
  return readArchive(file, { path: file.path, depth: 0 }, new ArchiveBudget(file.path, context));
}

/** Where an archive lies. */
interface Place {
  /** In the tree, or in the archive that holds it. */
  readonly path: string;
  /** From the outermost archive on, `!/` between archives; absent for that one. */
  readonly inside?: string;
  readonly depth: number;
}

function* readArchive(source: ZipSource, place: Place, budget: ArchiveBudget): Generator<Extraction> {
  const name = budget.pathOf(place.inside);
  const archive = budget.attempt(place.inside, () => openZip(source, name, { nameLength: nameLimit }) ?? "no-zip");
  if (archive === "no-zip") {
    if (source.size > 0 && /\.[jwe]ar$/i.test(place.path)) {
      budget.problem("unreadable", `${name} is not a ZIP archive`, place.inside);
    }
    return;
  }
  if (archive === undefined) return;
  const contents = listContents(archive, place, budget);
  const reader = new EntryReader(archive, place, budget);
  const identities = identifyArchive({
    fileName: place.path.slice(place.path.lastIndexOf("/") + 1),
    manifest: reader.manifest(contents.manifest),
    poms: reader.poms(contents.poms),
    pomFolders: contents.pomFolders,
    hasClasses: contents.hasClasses,
    classes: contents.classes,
  });
  for (const identity of identities) yield { kind: "package", package: packageOf(identity, place.inside) };
  for (const entry of contents.archives) {
    if (budget.stopped) return;
    if (place.depth === depthLimit) {
      const message = `${name} was not searched for nested archives: it is nested ${depthLimit} levels deep`;
      budget.problem("limit-exceeded", message, place.inside);
      return;
    }
    yield* readNested(reader, entry, { place, budget });
  }
}

function* readNested(
  reader: EntryReader,
  entry: ZipEntry,
  { place, budget }: { readonly place: Place; readonly budget: ArchiveBudget },
): Generator<Extraction> {
  const inside = place.inside === undefined ? entry.name : `${place.inside}!/${entry.name}`;
  const inner: Place = { path: entry.name, inside, depth: place.depth + 1 };
  if (entry.method === 0) {
    const source = reader.stored(entry);
    if (source !== undefined) yield* readArchive(source, inner, budget);
    return;
  }
  const bytes = reader.read(entry, budget.room);
  if (bytes === undefined) return;
  budget.hold(bytes.length);
  try {
    yield* readArchive({ size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) }, inner, budget);
  } finally {
    budget.release(bytes.length);
  }
}

function packageOf({ group, artifact, version }: Coordinates, inside: string | undefined): FoundPackage {
  const name = group === undefined ? artifact : `${group}:${artifact}`;
  return { type: "maven", name, version, ...(inside === undefined ? {} : { inside }) };
}

/** The entries of an archive that matter here. */
interface ArchiveEntries {
  manifest: ZipEntry | undefined;
  hasClasses: boolean;
  readonly classes: Set<string>;
  readonly poms: ZipEntry[];
  readonly pomFolders: { group: string; artifact: string }[];
  readonly archives: ZipEntry[];
}

function listContents(archive: ZipArchive, place: Place, budget: ArchiveBudget): ArchiveEntries {
  const contents: ArchiveEntries = {
    manifest: undefined,
    hasClasses: false,
    classes: new Set(),
    poms: [],
    pomFolders: [],
    archives: [],
  };
  budget.attempt(place.inside, () => {
    for (const entry of archive.entries()) {
      budget.spendEntry();
      if (entry.name.endsWith(".class")) {
        contents.hasClasses ||= !ownClasses.test(entry.name);
        if (witnessClasses.has(entry.name)) contents.classes.add(entry.name);
      } else if (sortEntry(entry, contents)) budget.spendOpening();
      if (budget.stopped) return;
    }
  });
  return contents;
}

/** Folders of an application's own classes, which are not published, and of those by which Spring Boot starts it. */
const ownClasses = /^(?:(?:WEB|BOOT)-INF|org\/springframework\/boot\/loader)\//;

/** Keeps an entry that matters; true when it is one to open. */
function sortEntry(entry: ZipEntry, contents: ArchiveEntries): boolean {
  const { name } = entry;
  if (isArchivePath(name)) {
    contents.archives.push(entry);
    return true;
  }
  if (/(?:^|\/)pom\.properties$/.test(name)) {
    contents.poms.push(entry);
    return true;
  }
  if (name.length === manifestPath.length && name.toUpperCase() === manifestPath) {
    // The Java runtime takes the last of two.
    contents.manifest = entry;
    return true;
  }
  const [group, artifact] = /^META-INF\/maven\/([^/]+)\/([^/]+)\/pom\.xml$/.exec(name)?.slice(1) ?? [];
  if (!isMavenId(group) || !isMavenId(artifact)) return false;
  contents.pomFolders.push({ group, artifact });
  return true;
}

/** What the place of a `pom.properties` tells where its content is no use: all but the version. */
function coordinatesOfPath(path: string): Required<Coordinates> | undefined {
  const [group, artifact] = /^META-INF\/maven\/([^/]+)\/([^/]+)\/pom\.properties$/.exec(path)?.slice(1) ?? [];
  return isMavenId(group) && isMavenId(artifact) ? { group, artifact, version: "" } : undefined;
}

const manifestPath = "META-INF/MANIFEST.MF";

/** Reads entries of one archive within the budget; what cannot be read is a problem. */
class EntryReader {
  readonly #archive: ZipArchive;
  readonly #place: Place;
  readonly #budget: ArchiveBudget;

  constructor(archive: ZipArchive, place: Place, budget: ArchiveBudget) {
    this.#archive = archive;
    this.#place = place;
    this.#budget = budget;
  }

  manifest(entry: ZipEntry | undefined): JavaManifest {
    const bytes = entry && this.read(entry, manifestLimit);
    return bytes === undefined ? new Map() : parseManifest(bytes.toString("utf8"));
  }

  poms(entries: readonly ZipEntry[]): Required<Coordinates>[] {
    return entries.flatMap((entry) => {
      const bytes = this.read(entry, propertiesLimit);
      return (bytes && (pomCoordinates(bytes.toString("utf8")) ?? coordinatesOfPath(entry.name))) ?? [];
    });
  }

  read(entry: ZipEntry, limit: number): Buffer | undefined {
    const budget = this.#budget;
    if (budget.stopped) return undefined;
    const most = Math.min(limit, budget.room);
    const bytes = budget.attempt(this.#place.inside, () => this.#archive.read(entry, most) ?? "sealed");
    budget.spendInflated(bytes instanceof Buffer ? bytes.length : Math.min(most, entry.compressedSize * deflateRatio));
    return bytes === "sealed" ? this.#reportSealed(entry) : bytes;
  }

  stored(entry: ZipEntry): ZipSource | undefined {
    const source = this.#budget.attempt(this.#place.inside, () => this.#archive.stored(entry) ?? "sealed");
    return source === "sealed" ? this.#reportSealed(entry) : source;
  }

  #reportSealed({ name, method }: ZipEntry): undefined {
    const why = method === 0 || method === 8 ? "it is encrypted" : `its compression method ${method} is not supported`;
    const path = this.#budget.pathOf(this.#place.inside);
    this.#budget.problem("unreadable", `${name} in ${path} was not read: ${why}`, this.#place.inside);
    return undefined;
  }
}
