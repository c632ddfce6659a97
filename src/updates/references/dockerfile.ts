import { type DockerfileLine, dockerfileLines } from "./dockerfile-lines.ts";
import { type Expansion, expandPlaced } from "./expand-placed.ts";
import { type ImageReference, type ReferenceDetails, wholeReference } from "./image-reference.ts";
import { PlacedText, type SourceText } from "./placed-text.ts";

/** Variables that BuildKit sets, with the values of a build for the most common platform. */
const platformVariables: ReadonlyMap<string, string> = new Map(
  ["BUILD", "TARGET"].flatMap((side): [string, string][] => [
    [`${side}PLATFORM`, "linux/amd64"],
    [`${side}OS`, "linux"],
    [`${side}ARCH`, "amd64"],
    [`${side}VARIANT`, ""],
  ]),
);

/** The images of a Dockerfile: `# syntax`, `FROM`, `COPY --from`, `ADD --from` and `RUN --mount=from`. */
export function dockerfileReferences(source: SourceText): readonly ImageReference[] {
  return new DockerfileFinder(source).find();
}

class DockerfileFinder {
  readonly #source: SourceText;
  readonly #found: ImageReference[] = [];
  readonly #arguments = new Map<string, PlacedText>();
  readonly #stages = new Set<string>();
  #escape = "\\";
  #hasStage = false;

  constructor(source: SourceText) {
    this.#source = source;
  }

  find(): readonly ImageReference[] {
    const { escape: escapeCharacter, syntax, instructions } = dockerfileLines(this.#source);
    this.#escape = escapeCharacter;
    if (syntax) this.#add(syntax, { role: "syntax directive" });
    for (const instruction of instructions) this.#instruction(instruction);
    return this.#found;
  }

  #instruction({ keyword, rest }: DockerfileLine): void {
    if (keyword === "ONBUILD") {
      const [, inner = "", blank = ""] = /^([A-Za-z]+)([ \t]*)/.exec(rest.text) ?? [];
      const trigger = { keyword: inner.toUpperCase(), rest: rest.slice(inner.length + blank.length) };
      if (["COPY", "ADD", "RUN"].includes(trigger.keyword)) this.#instruction(trigger);
    } else if (keyword === "ARG") this.#argument(rest);
    else if (keyword === "FROM") this.#from(rest);
    else if (keyword === "COPY" || keyword === "ADD") this.#sources(rest);
    else if (keyword === "RUN") this.#mounts(rest);
  }

  /** Only an `ARG` before the first stage has a value for `FROM`. */
  #argument(rest: PlacedText): void {
    if (this.#hasStage) return;
    for (const word of quotedWords(rest)) {
      const sign = word.text.indexOf("=");
      if (sign <= 0) continue;
      const { value, unset } = this.#expand(word.slice(sign + 1));
      if (unset.length === 0) this.#arguments.set(word.text.slice(0, sign), value);
    }
  }

  #from(rest: PlacedText): void {
    this.#hasStage = true;
    const [image, as, name] = words(rest).filter(({ text }) => !text.startsWith("--"));
    if (image) {
      const { value, used, unset } = this.#expand(image);
      const isStage = this.#stages.has(value.text.toLowerCase()) || value.text === "scratch";
      const via = [...used, ...unset];
      if (!isStage || unset.length > 0) this.#add(value, { written: image, unresolved: unset, via });
    }
    if (as?.text.toLowerCase() === "as" && name) this.#stages.add(name.text.toLowerCase());
  }

  #sources(rest: PlacedText): void {
    for (const flag of flags(rest)) if (flag.text.startsWith("--from=")) this.#fromImage(flag.slice("--from=".length));
  }

  #mounts(rest: PlacedText): void {
    for (const flag of flags(rest)) {
      if (!flag.text.startsWith("--mount=")) continue;
      for (const { start, end } of parts(flag.text, "--mount=".length)) {
        if (flag.text.startsWith("from=", start)) this.#fromImage(flag.slice(start + "from=".length, end));
      }
    }
  }

  /** An image, or a stage by name or index. BuildKit replaces no variables here. */
  #fromImage(written: PlacedText): void {
    const image = withoutQuotes(written);
    const isStage = this.#stages.has(image.text.toLowerCase()) || /^[0-9]+$/.test(image.text);
    if (isStage || image.text === "" || image.text === "scratch") return;
    if (image.text.includes("$")) this.#add(image, { unresolved: [image.text] });
    else this.#add(image, {});
  }

  #expand(word: PlacedText): Expansion {
    return expandPlaced(word, {
      escape: this.#escape,
      hasQuotes: true,
      lookup: (name) => {
        const platform = platformVariables.get(name);
        return this.#arguments.get(name) ?? (platform === undefined ? undefined : PlacedText.unplaced(platform));
      },
    });
  }

  #add(
    value: PlacedText,
    { written = value, ...details }: { readonly written?: PlacedText } & Partial<Omit<ReferenceDetails, "written">>,
  ): void {
    const span = outerSpan(written);
    if (!span) return;
    this.#found.push(wholeReference(value, { kind: "dockerfile", source: this.#source, written: span, ...details }));
  }
}

/** From the first to the last character, which a line continuation may part. */
function outerSpan(text: PlacedText) {
  const first = text.spanAt(0);
  const last = text.spanAt(text.text.length - 1);
  return first && last ? { file: first.file, start: first.start, end: last.end } : undefined;
}

function withoutQuotes(text: PlacedText): PlacedText {
  const quote = text.text[0];
  const isQuoted = (quote === '"' || quote === "'") && text.text.length > 1 && text.text.endsWith(quote);
  return isQuoted ? text.slice(1, -1) : text;
}

function words(text: PlacedText): readonly PlacedText[] {
  return Array.from(text.text.matchAll(/\S+/g), ({ 0: word, index }) => text.slice(index, index + word.length));
}

/** The flags at the start of an instruction. */
function flags(text: PlacedText): readonly PlacedText[] {
  const found: PlacedText[] = [];
  for (const { 0: word, index } of text.text.matchAll(/\S+/g)) {
    if (!word.startsWith("--")) break;
    found.push(text.slice(index, index + word.length));
  }
  return found;
}

/** The parts between commas. */
function* parts(text: string, from: number): Iterable<{ readonly start: number; readonly end: number }> {
  for (let start = from; start <= text.length; ) {
    const comma = text.indexOf(",", start);
    const end = comma < 0 ? text.length : comma;
    yield { start, end };
    start = end + 1;
  }
}

/** Words that may hold blanks in quotes. */
function quotedWords(text: PlacedText): readonly PlacedText[] {
  const found: PlacedText[] = [];
  let start = -1;
  let quote = "";
  for (let at = 0; at <= text.text.length; at++) {
    const character = text.text[at] ?? " ";
    const isEnd = at === text.text.length || (quote === "" && /\s/.test(character));
    if (isEnd && start >= 0) {
      found.push(text.slice(start, at));
      start = -1;
    } else if (!isEnd && start < 0) start = at;
    if (character === quote) quote = "";
    else if (quote === "" && (character === '"' || character === "'")) quote = character;
  }
  return found;
}
