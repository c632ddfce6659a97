import { skipJsonSpace, skipJsonValue } from "./json-text.ts";

/*
 * The documents of an image, which Docker, containerd and Podman read with Go's package encoding/json: a member whose
 * name differs from that of a field only in case counts as that field, and of two the last, put together with the
 * first where it is an object. A reader that goes by the very name sees another image.
 *
 * Source: Go, encoding/json, "Unmarshal"; OCI image-spec 1.1 for the names.
 */

/** Which members are looked at in an object, and in each object of a list. */
export interface DocumentMembers {
  /** Names that no other member may be taken for. */
  readonly exact: readonly string[];
  /** Names of which there may be one in any case: people write some by hand. */
  readonly anyCase?: readonly string[];
  /** The members of which the value is looked into. Other members have names of their own. */
  readonly within?: Readonly<Record<string, DocumentMembers>>;
}

const descriptor: DocumentMembers = {
  exact: ["digest", "platform", "annotations"],
  anyCase: ["mediaType", "artifactType", "size", "urls", "data"],
  within: { platform: { exact: ["os", "architecture", "variant", "os.version"] } },
};

/** An index or a manifest. */
export const ociMembers: DocumentMembers = {
  exact: ["manifests", "config", "layers", "annotations"],
  anyCase: ["mediaType", "artifactType"],
  within: { manifests: descriptor, config: descriptor, layers: descriptor },
};

/** The config of an image. */
export const configMembers: DocumentMembers = {
  exact: ["config", "rootfs", "os", "architecture", "variant", "os.version"],
  anyCase: ["history"],
  within: {
    rootfs: { exact: ["diff_ids"] },
    history: { exact: [], anyCase: ["created_by", "empty_layer"] },
    config: {
      exact: [],
      anyCase: [
        ...["User", "Env", "Entrypoint", "Cmd", "ExposedPorts", "Volumes", "Labels", "WorkingDir"],
        ...["Healthcheck", "Shell", "StopSignal", "OnBuild"],
      ],
    },
  },
};

/** The list of images in an archive of `docker save`. */
export const dockerListMembers: DocumentMembers = { exact: ["Config", "RepoTags", "Layers"] };

/** Why programs may read valid JSON otherwise than it is read here, as a clause about "it"; undefined when none may. */
export function ambiguityOf(text: string, members: DocumentMembers): string | undefined {
  return new DocumentReader(text).value(levelOf(members));
}

const openBracket = 0x5b;
const openBrace = 0x7b;
const comma = 0x2c;
const closeBracket = 0x5d;
const closeBrace = 0x7d;

/** Members by how Go compares their names. */
interface Level {
  readonly names: ReadonlyMap<string, { readonly name: string; readonly isExact: boolean; readonly within?: Level }>;
  readonly longest: number;
}

const levels = new WeakMap<DocumentMembers, Level>();

function levelOf(members: DocumentMembers): Level {
  const known = levels.get(members);
  if (known) return known;
  const { exact, anyCase = [], within = {} } = members;
  const names = [...exact, ...anyCase];
  const level: Level = {
    names: new Map(
      names.map((name) => {
        const inner = within[name];
        return [folded(name), { name, isExact: exact.includes(name), ...(inner && { within: levelOf(inner) }) }];
      }),
    ),
    longest: Math.max(...names.map(({ length }) => length)),
  };
  levels.set(members, level);
  return level;
}

/** Goes over a text once, and deeper only where a level is given: no deeper than those are nested. */
class DocumentReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads a value, and gives the first ambiguity in it. */
  value(level: Level | undefined): string | undefined {
    this.#space();
    const code = this.#code();
    if (level && code === openBrace) return this.#object(level);
    if (level && code === openBracket) return this.#list(level);
    this.#at = skipJsonValue(this.#text, this.#at);
    return undefined;
  }

  #object(level: Level): string | undefined {
    const seen = new Set<string>();
    for (this.#enter(); this.#hasMore(closeBrace); this.#next()) {
      const key = this.#key(level.longest);
      const folds = key === undefined ? "" : folded(key);
      const member = level.names.get(folds);
      if (member) {
        if (seen.has(folds))
          return `it has the key "${member.name}" twice, and programs differ in which value they use`;
        seen.add(folds);
        if (member.isExact && key !== member.name)
          return `it has the key "${key}", which some programs read as "${member.name}"`;
      }
      this.#space();
      this.#at++;
      const inner = this.value(member?.within);
      if (inner !== undefined) return inner;
    }
    this.#at++;
    return undefined;
  }

  /** A list within a list is none of objects to Go. */
  #list(level: Level): string | undefined {
    for (this.#enter(); this.#hasMore(closeBracket); this.#next()) {
      const inner = this.value(this.#code() === openBrace ? level : undefined);
      if (inner !== undefined) return inner;
    }
    this.#at++;
    return undefined;
  }

  #enter(): void {
    this.#at++;
    this.#space();
  }

  #hasMore(closing: number): boolean {
    return this.#at < this.#text.length && this.#code() !== closing;
  }

  #next(): void {
    this.#space();
    if (this.#code() === comma) this.#enter();
  }

  #space(): void {
    this.#at = skipJsonSpace(this.#text, this.#at);
  }

  #code(): number {
    return this.#text.charCodeAt(this.#at);
  }

  /** The name of a member; undefined for one that is longer, whatever is escaped in it. */
  #key(longest: number): string | undefined {
    const start = this.#at;
    this.#at = skipJsonValue(this.#text, start);
    if (this.#at - start > 2 + mostEscaped * longest) return undefined;
    const quoted = this.#text.slice(start, this.#at);
    return quoted.includes("\\") ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
  }
}

/** Characters that an escaped one takes: `\u0061`. */
const mostEscaped = 6;

/** Equal for names that Go takes for the same: beside the letters of ASCII only two others fold to one of them. */
function folded(name: string): string {
  return name.replaceAll("\u017f", "s").toLowerCase();
}
