// The part of YAML that lists of data need: mappings and sequences by indentation, plain and quoted scalars on one line,
// comments. Every scalar is a text. No anchors, no flow collections, no block scalars: these throw.

/** What {@link readSimpleYaml} gives: texts, lists and mappings of these. */
export type YamlValue = string | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/** Reads a document of the part of YAML that is described above. Throws an error that names the line when it is not one. */
export function readSimpleYaml(text: string): YamlValue {
  const lines = text.split("\n").flatMap((line, index): Line[] => {
    const body = withoutComment(line).trimEnd();
    return body.trim() === "" ? [] : [{ number: index + 1, indent: indentOf(body), body: body.trimStart() }];
  });
  const reader = new Reader(lines);
  const value = reader.block(0);
  if (reader.next) throw new Error(`line ${reader.next.number} is out of place`);
  return value;
}

interface Line {
  readonly number: number;
  readonly indent: number;
  readonly body: string;
}

class Reader {
  readonly #lines: Line[];

  constructor(lines: readonly Line[]) {
    this.#lines = [...lines].reverse();
  }

  get next(): Line | undefined {
    return this.#lines.at(-1);
  }

  /** The block that begins at the next line, which is indented by at least `least`. */
  block(least: number): YamlValue {
    const line = this.next;
    if (!line || line.indent < least) return "";
    return isItem(line) ? this.#sequence(line.indent) : this.#mapping(line.indent);
  }

  #sequence(indent: number): YamlValue {
    const items: YamlValue[] = [];
    for (let line = this.next; line && line.indent === indent && isItem(line); line = this.next) {
      this.#lines.pop();
      const body = line.body.slice(1).trimStart();
      if (body === "") items.push(this.block(indent + 1));
      else if (keyOf(body) === undefined) items.push(scalar(body, line));
      else {
        const inner = indent + line.body.length - body.length;
        this.#lines.push({ number: line.number, indent: inner, body });
        items.push(this.#mapping(inner));
      }
    }
    return items;
  }

  #mapping(indent: number): YamlValue {
    const entries: [string, YamlValue][] = [];
    for (let line = this.next; line && line.indent === indent && !isItem(line); line = this.next) {
      const key = keyOf(line.body);
      if (!key) throw new Error(`line ${line.number} is no mapping`);
      this.#lines.pop();
      const rest = line.body.slice(key.length).trim();
      // A sequence may stand under its key without further indentation.
      const least = this.next && isItem(this.next) ? indent : indent + 1;
      entries.push([key.name, rest === "" ? this.block(least) : scalar(rest, line)]);
    }
    return Object.fromEntries(entries);
  }
}

function isItem({ body }: Line): boolean {
  return body === "-" || body.startsWith("- ");
}

function keyOf(body: string): { readonly name: string; readonly length: number } | undefined {
  const match = /^(?:"([^"]*)"|'([^']*)'|([^\s"'[{#][^:]*?)):(?= |$)/.exec(body);
  const colons = /^([^\s"'[{#].*?):(?= |$)/.exec(body);
  const name = match?.[1] ?? match?.[2] ?? colons?.[1];
  const length = match?.[1] !== undefined || match?.[2] !== undefined ? match[0].length : colons?.[0].length;
  return name === undefined || length === undefined ? undefined : { name, length };
}

function scalar(text: string, { number }: Line): string {
  if (/^[|>&*[{]/.test(text) && !/^>=? ?\d/.test(text))
    throw new Error(`line ${number} has more than this reader knows`);
  if (text.startsWith('"')) return JSON.parse(text) as string;
  return text.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : text;
}

function withoutComment(line: string): string {
  if (/^\s*#/.test(line)) return "";
  return /["']/.test(line) ? line : line.replace(/\s#.*$/, "");
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
