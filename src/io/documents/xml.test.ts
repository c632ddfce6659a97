import { expect, test } from "vitest";
import { readXmlElements, type XmlElement } from "./xml.ts";

const options = { label: "the document", root: "list", elements: new Set(["item"]) };

async function read(text: string | Uint8Array, size = 1e9): Promise<XmlElement[]> {
  const bytes = Buffer.from(text);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const elements: XmlElement[] = [];
  for await (const element of readXmlElements(pieces(), options)) elements.push(element);
  return elements;
}

const document = `\uFEFF<?xml version="1.0" encoding="utf-8"?>
<!-- a comment -->
<n:list xmlns:n="urn:n">
  <other>passed over <item>but not this</item></other>
  <n:item id="1" n:kind="a &lt; b">
    some <b>bold é</b> text &amp; <![CDATA[<more>]]>
    <item>inside</item>
  </n:item>
</n:list>`;

test("elements come with what is in them, without prefixes and whatever the pieces of the input are", async () => {
  const expected = [
    { name: "item", attributes: {}, children: [], text: "but not this" },
    {
      name: "item",
      attributes: { id: "1", "n:kind": "a < b" },
      text: expect.stringMatching(/^some {2}text & <more>$/),
      children: [
        { name: "b", attributes: {}, children: [], text: "bold é" },
        { name: "item", attributes: {}, children: [], text: "inside" },
      ],
    },
  ];
  expect(await read(document)).toEqual(expected);
  for (const size of [1, 2, 3, 7]) expect(await read(document, size)).toEqual(expected);
});

test("an element is handed over as soon as it ends, and a reader that gives up ends the input", async () => {
  let ended = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from("<list>");
      for (;;) yield Buffer.from("<item>one</item>");
    } finally {
      ended = true;
    }
  }
  for await (const element of readXmlElements(endless(), options)) {
    expect(element.text).toBe("one");
    break;
  }
  expect(ended).toBe(true);
});

test("of a long text the beginning is kept", async () => {
  const [element] = await read(`<list><item>${"é ".repeat(200_000)}</item></list>`);
  expect(element?.text).toBe("é ".repeat(2048).trimEnd());
});

test("a document type is refused, and so are its entities", async () => {
  const bomb = `<!DOCTYPE list [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><list><item>&b;</item></list>`;
  await expect(read(bomb)).rejects.toMatchObject({
    code: "file-malformed",
    message: "the document is not well-formed XML: it has a document type declaration, which is not supported",
  });
  await expect(read(`<!DOCTYPE list SYSTEM "file:///etc/passwd"><list/>`)).rejects.toMatchObject({
    code: "file-malformed",
  });
  await expect(read("<list><item>&b;</item></list>")).rejects.toMatchObject({ code: "file-malformed" });
  const unending = `<!DOCTYPE list [${"<!ENTITY a 'a'>".repeat(50_000)}`;
  await expect(read(unending)).rejects.toMatchObject({ code: "file-malformed" });
});

test.each([
  ["is cut off", "<list><item>"],
  ["has another outermost element", "<html><body/></html>"],
  ["is empty", ""],
  ["is not XML", "not found"],
  ["closes what is not open", "<list></item></list>"],
  ["has an attribute without a value", "<list><item id></item></list>"],
  ["is in another encoding", `<?xml version="1.0" encoding="utf-16"?><list/>`],
  ["has an attribute of 200,000 characters", `<list><item id="${"a".repeat(200_000)}"/></list>`],
  ["has an attribute called like a function of objects", `<list><item hasOwnProperty="1" id="2"/></list>`],
])("a document that %s is malformed", async (_, text) => {
  await expect(read(text)).rejects.toMatchObject({ code: "file-malformed" });
});

test.each([
  ["deep", `<list>${"<a>".repeat(100)}`, "elements are nested more than 64 levels deep"],
  [
    "full of attributes",
    `<list ${Array.from({ length: 100 }, (_, index) => `a${index}="1"`).join(" ")}/>`,
    "an element has more than 64 attributes",
  ],
  [
    "full of elements",
    `<list><item>${"<a/>".repeat(500_001)}</item></list>`,
    "an element contains more than 500000 elements",
  ],
])("an element that is too %s exceeds a limit", async (_, text, what) => {
  const message = expect.stringMatching(new RegExp(` has ${what}$`));
  await expect(read(text)).rejects.toMatchObject({ code: "limit-exceeded", message });
});

test("what an attribute is called does not touch the element", async () => {
  const [element] = await read(`<list><item __proto__="x" constructor="y"/></list>`);
  expect(Object.keys(element?.attributes ?? {})).toEqual(["constructor"]);
});
