// Manifests by chance, from a fixed seed: what YAML 1.1 allows and somebody might write to be read in two ways.

/** A source of numbers that is the same in every run. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  of<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0];
  }
}

const plain = (
  "true True TRUE tRUE yes Yes on ON y Y n N no off Off false null Null ~ 0 00 0x0 0X0 0o0 0O0 0b0 0B0 -0 +0 0_0 1_000 0x_1F " +
  "0o17 017 018 089 0b102 0b-101 -0b11 1e3 1E3 1.5e-3 1. .5 .5_0 -.5 +.5 . - + .inf -.INF .nan 190:20:30 2001-01-01 " +
  "2001-12-14T21:59:43.10-05:00 18446744073709551615 18446744073709551616 -9223372036854775808 1e999 0x 0x1p3 1__2 _1 +_1 " +
  "12e03 text a:b a#b << 0.0 1e21 123456789.5 0000000000000000000000000000000000000000000000000000000000000000000000000 x,y"
).split(" ") as [string, ...string[]];
const quoted = [
  '"true"',
  "'0'",
  '"a\\x41\\u0042\\n"',
  "'it''s'",
  '""',
  "''",
  '"null"',
  '"<<"',
  '"a\\\n  b"',
  '"a\n\n  b"',
  "'a\n  b'",
  '"a\nb"',
  "'a\n b'",
  '"a\n\nb # c"',
  '"a: b"',
  '"\\/"',
  '"\\e\\0\\_"',
] as const;
const tags = [
  "!!bool",
  "!!int",
  "!!float",
  "!!str",
  "!!null",
  "!!binary",
  "!!timestamp",
  "!!map",
  "!own",
  "!",
  "!<tag:yaml.org,2002:bool>",
] as const;
const keys = [
  "privileged",
  "runAsUser",
  "a",
  "b",
  "c",
  '"d"',
  "'e'",
  "1",
  "0x10",
  "yes",
  "1.5",
  "1e6",
  "!!str f",
  "!!int '7'",
  "on",
  "!!binary cHJpdmlsZWdlZA==",
  "? g\n",
  "*one ",
  "&key h",
  "__proto__",
  '"a"',
  "true",
  "2001-01-01",
] as const;
const comments = [
  "",
  "",
  "",
  "",
  " # c",
  " # c: d",
  "\t# tab",
  " #\u0085x: 1",
  " # c\rx: 2",
  " #\u2028x: 3",
  "#near",
] as const;
const flows = [
  "[a, b]",
  "[a,\nb]",
  "{a: 1,\nb: 2}",
  "{\n a: true\n}",
  '{"a":true}',
  "{a:1}",
  "[a: b]",
  "[[], {}]",
  "{a, b: 1}",
  "[a, ]",
  "[*one, 1]",
  "{<<: *two, a: false}",
  "[yes, !!int '1', ~]",
  "{? a : b}",
  '{"a" : 1,#c\n"b": 2}',
  "{a: 'x\ny'}",
  "[ # c\n 1]",
  "{?a : b}",
  "{?privileged: true}",
  "{a :b}",
  "{'a' :b}",
  "{privileged: true, privileged:, b: 1}",
  "[a:]",
  "[:a]",
  "[a ?b, c]",
  "{*one :a}",
  "[?a]",
  "{a: ?b}",
  "[-a, -1, a-]",
  "{privileged: true, privileged:}",
  "[a?b, a:b, a::b]",
  "{a: :b}",
  "[? a : b]",
  "{!!str : a}",
  "{: a}",
  "{a: b:c}",
  "{a: 'b':c}",
  "['a':b, c]",
  "{a: b #c\n}",
  "[a\n# c\n, b]",
  "{a: b\n c\n d}",
  "{a:\n- b}",
  "[*one,*one]",
  "[*one]",
  "{a: *one}",
  "{a: &x *one}",
  "[!!str a,!!int 1]",
  "[!!str, b]",
  "{a: !!str}",
  "[&x a,*x]",
  "[&x,*x]",
  "[\ta,\tb\t]",
  "{\ta:\tb\t}",
  "[a\tb]",
  "[\n\ta\n]",
  "[a,,b]",
  "[,a]",
  "[%a]",
  "[a%, @b]",
  "[|]",
  "[>a]",
  "[a|]",
  "{- a: b}",
] as const;

/** The text of a manifest of the kind `Generated` with a `spec` of anything; often none that Kubernetes accepts. */
export function generatedManifest(chance: Chance, name: string): string {
  const head = `apiVersion: example.com/v1\nkind: Generated\nmetadata:\n  name: ${name}\n`;
  const anchors = "one: &one text\ntwo: &two {a: true, privileged: true}\nthree: &three\n  runAsUser: 0\n  b: [1]\n";
  return `${head}${anchors}spec:\n${mapping(chance, { indent: 2, depth: 0 })}`;
}

const body = `spec:
  hostNetwork: true
  containers:
  - name: app
    image: "registry.example/app:1.0"
    args: ["-c", 'it''s', --flag=a:b, {k: v}]
    command:
    - sh
    - -c
    - |
      echo 1
      echo 2
    securityContext: &context
      privileged: true
      runAsUser: 0 # root
      capabilities: {add: [SYS_ADMIN, "NET_ADMIN"]}
  - name: other
    description: >-
      folded
      text
    securityContext: *context
    plain: text that goes on
      in the next line
    quoted: "text that goes on
      in the next line"
`;
const insertions = [
  "\t",
  " ",
  "  ",
  "\n",
  "#",
  " #",
  " # ",
  "'",
  '"',
  ":",
  ": ",
  "- ",
  "? ",
  "|",
  "> ",
  "&context ",
  "*context",
  "!!str ",
  "!!bool ",
  "! ",
  "{",
  "}",
  "[",
  "]",
  ",",
  "\r",
  "\u0085",
  "\u2028",
  "\uFEFF",
  "\n...\n",
  "\n---\n",
  "\n--- ",
  "---",
  "...",
  "%",
  "@",
  "`",
  "\\",
  "\n<<: *context\n",
  "~",
  "\u00a0",
  "0",
  "_",
  "=",
  "true",
  "\n\n",
  "\n ",
  "\n  privileged: false",
  "é",
  "\u{1F600}",
] as const;

/** The text of a manifest as somebody would write it, with one to three random changes in its `spec`. */
export function mutatedManifest(chance: Chance, name: string): string {
  let text: string = body;
  for (let left = 1 + chance.below(3); left > 0; left--) {
    const at = chance.below(text.length);
    const removed = chance.below(3) === 0 ? 1 + chance.below(4) : 0;
    const inserted = removed > 0 && chance.below(2) === 0 ? "" : chance.of(insertions);
    text = text.slice(0, at) + inserted + text.slice(at + removed);
  }
  return `apiVersion: example.com/v1\nkind: Generated\nmetadata:\n  name: ${name}\n${text}`;
}

interface Place {
  readonly indent: number;
  readonly depth: number;
}

function mapping(chance: Chance, place: Place): string {
  const spaces = " ".repeat(place.indent);
  let text = "";
  for (let left = 1 + chance.below(4); left > 0; left--) {
    const key = chance.below(3) > 0 ? chance.of(["privileged", "runAsUser", "a", "b"]) : chance.of(keys);
    if (chance.below(7) === 0)
      text += `${spaces}<<: ${chance.of(["*two", "*three", "[*two, *three]", "{a: 0}", "*one"])}\n`;
    else if (key.startsWith("?")) text += `${spaces}${key}${spaces}:${value(chance, place)}`;
    else text += `${spaces}${key}:${value(chance, place)}`;
  }
  return text;
}

/** What stands behind a colon or dash, with the end of its line. */
function value(chance: Chance, { indent, depth }: Place): string {
  const comment = chance.of(comments);
  const inner = { indent: indent + 1 + chance.below(3), depth: depth + 1 };
  const anchor = chance.below(9) === 0 ? chance.of([" &one", " &two", " &three", " &new"]) : "";
  const choice = depth > 2 ? chance.below(6) : chance.below(10);
  if (choice < 2) return `${anchor} ${chance.of(plain)}${comment}\n`;
  if (choice === 2) return `${anchor} ${chance.of(quoted)}${comment}\n`;
  if (choice === 3) {
    const text = chance.below(2) === 0 ? chance.of(plain) : chance.of(quoted);
    return `${anchor} ${chance.of(tags)} ${text}${comment}\n`;
  }
  if (choice === 4) return ` ${chance.of(["*one", "*two", "*three", "*new", "", "!!str", "!!bool"])}${comment}\n`;
  if (choice === 5) return `${anchor} ${chance.of(flows)}${comment}\n`;
  if (choice === 6) return block(chance, inner.indent);
  if (choice === 7)
    return `${anchor}${comment}\n${sequence(chance, { indent: chance.of([indent, inner.indent]), depth: depth + 1 })}`;
  if (choice === 8) return ` ${chance.of(plain)}\n${" ".repeat(inner.indent)}${chance.of(plain)}${comment}\n`;
  return `${anchor}${comment}\n${mapping(chance, inner)}`;
}

function sequence(chance: Chance, place: Place): string {
  const spaces = " ".repeat(place.indent);
  let text = "";
  for (let left = 1 + chance.below(3); left > 0; left--) text += `${spaces}-${value(chance, place)}`;
  return text;
}

function block(chance: Chance, indent: number): string {
  const spaces = " ".repeat(indent);
  const header = chance.of([
    "|",
    ">",
    "|-",
    ">-",
    "|+",
    ">+",
    `|${Math.min(indent, 9)}`,
    "| # c",
    "!!str |",
    "!!bool |",
  ]);
  return ` ${header}\n${spaces}true\n${chance.of(["", `${spaces}# no comment\n`, "\n", `${spaces}  more\n`, `${spaces}\ttab\n`])}`;
}
