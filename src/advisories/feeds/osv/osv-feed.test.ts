import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { zip } from "../../../../tests/setup/zip.ts";
import { memoryFile } from "../../../io/memory-file.ts";
import type { Problem } from "../../../model/problem.ts";
import type { FeedPart } from "../../advisory-feed.ts";
import { osvFeed } from "./osv-feed.ts";

const folder = temporaryFolder();
const workFolder = temporaryFolder();
const { signal } = new AbortController();

function record(id: string): { name: string; content: string } {
  return { name: `${id}.json`, content: JSON.stringify({ id, modified: "2024-01-02T03:04:05Z" }) };
}

function bucket(name: string, archives: Readonly<Record<string, Buffer>>, list?: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [ecosystem, bytes] of Object.entries(archives)) {
    mkdirSync(join(path, ecosystem));
    writeFileSync(join(path, ecosystem, "all.zip"), bytes);
  }
  if (list !== undefined) writeFileSync(join(path, "ecosystems.txt"), list);
  return path;
}

async function readAll(from: string, ecosystems?: string[]): Promise<string[]> {
  const ids: string[] = [];
  for await (const part of osvFeed.fetch(from, { signal, workFolder, ...(ecosystems && { ecosystems }) })) {
    using fetched = part;
    for (const { id } of osvFeed.parse(fetched, { signal, problem: () => {} })) ids.push(`${fetched.name}/${id}`);
  }
  return ids;
}

function partOf(bytes: Buffer): FeedPart {
  return { name: "npm", bytes: memoryFile("all.zip", bytes), [Symbol.dispose]: () => {} };
}

test("a folder is read in the order of ecosystems and ids, whatever the order in list and archive", async () => {
  const from = bucket(
    "ordered",
    { npm: zip([record("B-2"), record("B-1")]), "[EMPTY]": zip([record("A-1")]), "Azure Linux": zip([record("C-1")]) },
    "npm\nAzure Linux\r\n[EMPTY]\n",
  );
  expect(await readAll(from)).toEqual(["Azure Linux/C-1", "[EMPTY]/A-1", "npm/B-1", "npm/B-2"]);
  expect(await readAll(from, ["npm"])).toEqual(["npm/B-1", "npm/B-2"]);
});

test("a folder without a list counts the folders that hold an archive", async () => {
  const from = bucket("unlisted", { Go: zip([record("G-1")]) });
  mkdirSync(join(from, "other"));
  expect(await readAll(from)).toEqual(["Go/G-1"]);
});

test("an address is read with its names encoded, and its downloads are removed", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    if (request.url === "/bucket/ecosystems.txt") response.end("Azure Linux\n[EMPTY]\n");
    else response.end(zip([record("X-1")]));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const from = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket/`;
  expect(await readAll(from)).toEqual(["Azure Linux/X-1", "[EMPTY]/X-1"]);
  expect(asked).toEqual(["/bucket/ecosystems.txt", "/bucket/Azure%20Linux/all.zip", "/bucket/%5BEMPTY%5D/all.zip"]);
  expect(readdirSync(workFolder)).toEqual(["ecosystems.txt"]);
});

test.each(["../up", "a/b", "..", "a\\b", "a\0b", "x".repeat(200)])("an ecosystem named %j is refused", async (name) => {
  const from = bucket(`hostile-${Buffer.from(name).toString("hex").slice(0, 20)}`, {}, `${name}\n`);
  await expect(readAll(from)).rejects.toMatchObject({ code: "feed-malformed" });
});

test("what is missing is said", async () => {
  await expect(readAll(join(folder, "nowhere"))).rejects.toMatchObject({ code: "feed-unreachable" });
  await expect(readAll(bucket("bare", {}))).rejects.toMatchObject({ code: "feed-malformed" });
  await expect(readAll(bucket("listed-only", {}, "npm\n"))).rejects.toMatchObject({ code: "feed-unreachable" });
  await expect(readAll(bucket("some", { npm: zip([]) }), ["Go"])).rejects.toMatchObject({ code: "usage" });
});

test("members that are not OSV records are problems and the others are read", () => {
  const problems: Problem[] = [];
  const archive = zip([
    { name: "a.json", content: "{" },
    { name: "b.json", content: '{"id":"B-1"}' },
    { name: "c.txt", content: "not looked at" },
    record("D-1"),
    { name: "e.json", content: "x", method: 12 },
  ]);
  const context = { signal, problem: (problem: Problem) => void problems.push(problem) };
  expect([...osvFeed.parse(partOf(archive), context)].map(({ id }) => id)).toEqual(["D-1"]);
  expect(problems.map(({ message }) => message)).toEqual([
    "npm/a.json is not an OSV record: it is not JSON",
    "npm/b.json is not an OSV record: modified is missing",
    "npm/e.json is packed in a way that cannot be read",
  ]);
});

test("a damaged archive gives whole records or is feed-malformed, whichever byte is damaged", () => {
  const archive = zip([record("A-1"), record("B-1")]);
  const context = { signal, problem: () => {} };
  let malformed = 0;
  const check = (bytes: Buffer): void => {
    try {
      for (const { id } of osvFeed.parse(partOf(bytes), context)) expect(id).toMatch(/^[\x21-\x7e]+$/);
    } catch (error) {
      expect(error).toMatchObject({ code: "feed-malformed" });
      malformed++;
    }
  };
  for (let index = 0; index < archive.length; index++) {
    check(archive.subarray(0, index));
    const flipped = Buffer.from(archive);
    flipped.writeUInt8(flipped.readUInt8(index) ^ 0xff, index);
    check(flipped);
  }
  expect(malformed).toBeGreaterThan(archive.length);
});
