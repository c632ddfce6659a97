import type { Extractor } from "../../extractors/extractor.ts";
import { unreadFormatOf } from "./unread-format-of.ts";

/**
 * The patterns of all extractors, arranged so that one look at a file finds every extractor that wants it: exact paths,
 * folders and names are looked up, prefixes are grouped by their first character, suffixes by their last one, magics by
 * their first byte.
 */
export class FileMatcher {
  /** Every exact path that some extractor wants. */
  readonly exactPaths: readonly string[];
  /** Every folder of which some extractor wants what is directly in it. */
  readonly folders: readonly string[];
  /** The fewest bytes of a file that some extractor may want for its first bytes; infinite when none goes by them. */
  readonly smallestByMagic: number;
  readonly #extractors: readonly Extractor[];
  readonly #folderEnds: readonly { readonly end: string; readonly extractor: Extractor }[];
  readonly #paths = new NameTable<Extractor>();
  readonly #directories = new NameTable<{ suffixes: readonly string[] | undefined; extractor: Extractor }>();
  readonly #basenames = new NameTable<Extractor>();
  readonly #prefixes = new Map<number, { prefix: string; extractor: Extractor }[]>();
  readonly #suffixes = new Map<number, { suffix: string; containing: string; extractor: Extractor }[]>();
  readonly #bySize: { readonly upTo: number; readonly extractor: Extractor }[] = [];
  readonly #magics = new Map<number, { magic: readonly number[]; extractor: Extractor }[]>();

  constructor(extractors: readonly Extractor[]) {
    this.#extractors = extractors;
    let smallest = Number.POSITIVE_INFINITY;
    for (const extractor of extractors) {
      for (const pattern of extractor.files) {
        if ("path" in pattern) this.#paths.add(pattern.path, extractor);
        else if ("directory" in pattern) {
          this.#directories.add(pattern.directory, { suffixes: pattern.suffixes, extractor });
        } else if ("basename" in pattern) this.#basenames.add(pattern.basename, extractor);
        else if ("prefix" in pattern) {
          add(this.#prefixes, pattern.prefix.charCodeAt(0), { prefix: pattern.prefix, extractor });
        } else if ("suffix" in pattern) {
          add(this.#suffixes, pattern.suffix.charCodeAt(pattern.suffix.length - 1), {
            suffix: pattern.suffix,
            containing: pattern.containing ?? "",
            extractor,
          });
        } else if ("upTo" in pattern) this.#bySize.push({ upTo: pattern.upTo, extractor });
        else {
          smallest = Math.min(smallest, pattern.smallest ?? 1);
          for (const magic of pattern.magic) add(this.#magics, magic[0] ?? 0, { magic, extractor });
        }
      }
    }
    this.exactPaths = this.#paths.names();
    this.folders = this.#directories.names();
    this.#folderEnds = extractors.flatMap((extractor) =>
      (extractor.folders ?? []).map((folder) => ({
        end: "basename" in folder ? `/${folder.basename}` : folder.suffix,
        extractor,
      })),
    );
    this.smallestByMagic = smallest;
  }

  /** The extractors that want this file by its path, in the order of registration; empty for most files. */
  byPath(path: string): readonly Extractor[] {
    const slash = path.lastIndexOf("/");
    const exact = this.#paths.get(path, 0, path.length);
    const named = this.#basenames.get(path, slash + 1, path.length);
    const inDirectory = slash < 0 ? undefined : this.#directories.get(path, 0, slash);
    const suffixes = this.#suffixes.get(path.charCodeAt(path.length - 1));
    const prefixes = this.#prefixes.get(path.charCodeAt(slash + 1));
    if (!exact && !named && !inDirectory && !suffixes && !prefixes) return none;
    const found = new Set<Extractor>([...(exact ?? none), ...(named ?? none)]);
    for (const { suffixes: allowed, extractor } of inDirectory ?? []) {
      if (!allowed || allowed.some((suffix) => path.endsWith(suffix))) found.add(extractor);
    }
    for (const { prefix, extractor } of prefixes ?? []) {
      if (path.startsWith(prefix, slash + 1)) found.add(extractor);
    }
    for (const { suffix, containing, extractor } of suffixes ?? []) {
      if (path.endsWith(suffix) && path.includes(containing)) found.add(extractor);
    }
    if (found.size < 2) return found.size === 0 ? none : [...found];
    return this.#extractors.filter((extractor) => found.has(extractor));
  }

  /** The extractors to which the path of a folder says what lies in it. */
  byFolder(path: string): readonly Extractor[] {
    const found = this.#folderEnds.filter(({ end }) => path.endsWith(end) || (end[0] === "/" && path === end.slice(1)));
    const here = this.#directories.get(path, 0, path.length);
    if (found.length === 0 && !here) return none;
    return [...new Set([...found, ...(here ?? [])].map(({ extractor }) => extractor))];
  }

  /** The extractors that want every file of this size. */
  bySize(size: number): readonly Extractor[] {
    if (this.#bySize.length === 0 || size === 0) return none;
    return this.#bySize.filter(({ upTo }) => size <= upTo).map(({ extractor }) => extractor);
  }

  /** The extractors that want this file by its first bytes. */
  byMagic(head: Uint8Array): readonly Extractor[] {
    const first = head[0];
    const candidates = first === undefined ? undefined : this.#magics.get(first);
    if (!candidates) return none;
    const found = candidates.filter(({ magic }) => magic.every((byte, index) => head[index] === byte));
    return found.length === 0 ? none : [...new Set(found.map(({ extractor }) => extractor))];
  }

  /**
   * True when a file of this path may hold a package of its own: by its name, read or not, or because programs have
   * such names.
   */
  mayHoldPackage(path: string): boolean {
    if (this.byPath(path).length > 0 || unreadFormatOf(path) !== undefined) return true;
    const start = path.lastIndexOf("/") + 1;
    const dot = path.lastIndexOf(".");
    if (dot <= start) return true;
    const first = path.charCodeAt(dot + 1);
    return (first >= 0x30 && first <= 0x39) || programExtensions.has(path.slice(dot + 1));
  }
}

const none: readonly Extractor[] = [];
const programExtensions: ReadonlySet<string> = new Set(["exe", "dll", "so", "bin"]);

/**
 * Lists by name, looked up by a part of a longer text. Most parts have a length that no name has, and are dismissed
 * without being cut out or hashed: this look-up is made for every name in an image.
 */
class NameTable<V> {
  readonly #lists = new Map<string, V[]>();
  readonly #lengths: boolean[] = [];

  add(name: string, value: V): void {
    add(this.#lists, name, value);
    this.#lengths[name.length] = true;
  }

  get(text: string, start: number, end: number): readonly V[] | undefined {
    return this.#lengths[end - start] === true ? this.#lists.get(text.slice(start, end)) : undefined;
  }

  names(): string[] {
    return [...this.#lists.keys()];
  }
}

function add<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
