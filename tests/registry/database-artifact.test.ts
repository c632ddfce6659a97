import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { formatVersion } from "../../src/advisories/database/database-format.ts";
import { AdvisoryDatabaseWriter } from "../../src/advisories/database/database-writer.ts";
import { processMark } from "../../src/io/processes/process-mark.ts";
import { type PullOptions, pullDatabase, pushDatabase } from "../../src/pipeline/database/database-artifact.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type FakeRegistry, fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();
const mediaType = `application/vnd.plimsoll.advisories.v${formatVersion}.sqlite+zstd`;

function write(name: string): string {
  const path = join(folder, name);
  using writer = new AdvisoryDatabaseWriter(path);
  writer.startPart({ feed: "osv", revision: 1, name: "npm", updatedAt: "2025-01-01T00:00:00Z" });
  writer.endPart({});
  writer.finish({ builtAt: "2025-01-01T00:00:00Z", source: name });
  return path;
}

/** Puts a file into the registry as `db push` would, without looking at it. */
function put(registry: FakeRegistry, path: string): string {
  const layer = { mediaType, ...registry.putBlob("team/db", zstdCompressSync(readFileSync(path))) };
  const config = { mediaType: "application/vnd.oci.empty.v1+json", ...registry.putBlob("team/db", Buffer.from("{}")) };
  registry.putManifest("team/db", { schemaVersion: 2, config, layers: [layer] }, { tag: "latest" });
  return `${registry.host}/team/db`;
}

const now = new Date("2025-06-01T00:00:00Z");

function pull(
  name: string,
  database: string,
  options: Pick<PullOptions, "allowOlder" | "signature"> = {},
): ReturnType<typeof pullDatabase> {
  return pullDatabase(reference(name), { database, client: testClient(), signal, now, ...options });
}

test.each([
  ["INSERT INTO meta VALUES ('behind', 'nonsense')"],
  ["UPDATE meta SET value = 'soon' WHERE key = 'builtAt'"],
  ["DELETE FROM meta WHERE key = 'builtAt'"],
])("after %s a database is neither pushed nor pulled, and the old one stays", async (sql) => {
  const registry = await fakeRegistry();
  const [good, bad] = [write("good.db"), join(folder, "bad.db")];
  copyFileSync(good, bad);
  const database = new DatabaseSync(bad);
  database.exec(sql);
  database.close();
  const before = readFileSync(good);
  const name = put(registry, bad);
  await expect(pull(name, good)).rejects.toMatchObject({
    code: "feed-malformed",
    message: expect.stringMatching(/team\/db:latest does not contain a complete database: (?!.*good\.db)/),
  });
  expect(readFileSync(good).equals(before)).toBe(true);
  const pushed = pushDatabase(reference(name), { database: bad, client: testClient(), signal });
  await expect(pushed).rejects.toMatchObject({ code: "database-malformed" });
  expect(readdirSync(folder).filter((one) => one.startsWith("."))).toEqual([]);
});

test.each([
  [413, "PUT", {}, "raise its limit"],
  [400, "PUT", { errors: [{ code: "MANIFEST_INVALID" }] }, "a retry will not help"],
])(
  "a push that is answered %d says what would help, and not to try again later",
  async (status, method, body, hint) => {
    const registry = await fakeRegistry();
    registry.intercept = (request, response) =>
      request.method === method && request.path.includes("/manifests/") && sendJson(response, status, body);
    const name = reference(`${registry.host}/team/refusing`);
    await expect(
      pushDatabase(name, { database: write("pushed.db"), client: testClient(), signal }),
    ).rejects.toMatchObject({
      code: "registry-failed",
      message: expect.stringContaining(`HTTP status ${status}`) as string,
      hint: expect.stringContaining(hint) as string,
    });
  },
);

test("a pull through a symbolic link replaces what the link points to, and says the name that was given", async () => {
  const name = put(await fakeRegistry(), write("new.db"));
  const [target, link] = [write("target.db"), join(folder, "link.db")];
  symlinkSync("target.db", link);
  const { status } = await pull(name, link);
  expect(status).toMatchObject({ path: link, source: "new.db" });
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(target).equals(readFileSync(join(folder, "new.db")))).toBe(true);
});

test("what a pull left that was killed is removed by the next one", async () => {
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  await once(child, "exit");
  const name = put(await fakeRegistry(), write("fresh.db"));
  const host = processMark().split("-")[0];
  const left = `.pulled.db.${host}-${child.pid}.0b6a7c1e-1111-4222-8333-444455556666.pulled`;
  writeFileSync(join(folder, left), "");
  await pull(name, join(folder, "pulled.db"));
  expect(readdirSync(folder)).not.toContain(left);
});

test("while a database is pulled its file has the mark of the process in its name", async () => {
  const registry = await fakeRegistry();
  const name = put(registry, write("marked.db"));
  let seen: string[] = [];
  const controller = new AbortController();
  registry.intercept = ({ path }, response) => {
    if (!path.includes("/blobs/")) return false;
    response.writeHead(200, { "content-length": 1000 }).flushHeaders();
    setTimeout(() => {
      seen = readdirSync(folder).filter((one) => one.endsWith(".pulled"));
      controller.abort();
    }, 200);
    return true;
  };
  const database = join(folder, "slow.db");
  const pulled = pullDatabase(reference(name), { database, client: testClient(), signal: controller.signal, now });
  await expect(pulled).rejects.toMatchObject({ code: "cancelled" });
  expect(seen).toEqual([expect.stringMatching(`^\\.slow\\.db\\.${processMark()}\\.[0-9a-f-]{36}\\.pulled$`)]);
});

test("a place that cannot be written to is output-not-written", async () => {
  const name = put(await fakeRegistry(), write("ok.db"));
  writeFileSync(join(folder, "file"), "");
  for (const place of [join(folder, "file", "x.db"), "/proc/plimsoll/x.db"]) {
    await expect(pull(name, place)).rejects.toMatchObject({ code: "output-not-written" });
  }
});

test("what is no database is refused at its first bytes, and what is longer than it states at its end", async () => {
  const registry = await fakeRegistry();
  const good = readFileSync(write("whole.db"));
  const long = Buffer.concat([good, Buffer.alloc(1_000_000)]);
  const [zeros, longer] = [join(folder, "zeros"), join(folder, "longer")];
  writeFileSync(zeros, Buffer.alloc(1_000_000));
  writeFileSync(longer, long);
  const huge = join(folder, "huge");
  const header = Buffer.from(good);
  header.writeUInt32BE(0xffffffff, 28);
  writeFileSync(huge, header);
  const empty = join(folder, "empty");
  writeFileSync(empty, "");
  for (const [path, reason] of [
    [empty, "the artifact is not an advisory database"],
    [zeros, "the artifact is not an advisory database"],
    [longer, `the artifact is larger than its stated size of ${good.length} bytes`],
    [huge, "the artifact has a stated size of 17592186040320 bytes"],
  ] as const) {
    await expect(pull(put(registry, path), join(folder, "bounded.db"))).rejects.toMatchObject({
      code: "feed-malformed",
      message: expect.stringContaining(`team/db:latest does not contain a complete database: ${reason}`),
    });
    expect(readdirSync(folder).filter((one) => one.startsWith("."))).toEqual([]);
  }
});

test("damage to what is pulled is told with the name, and that the old one stays where there is one", async () => {
  const registry = await fakeRegistry();
  const packed = zstdCompressSync(readFileSync(write("damaged.db")));
  const layer = { mediaType, ...registry.putBlob("team/db", packed.subarray(0, packed.length - 20)) };
  const config = { mediaType: "application/vnd.oci.empty.v1+json", ...registry.putBlob("team/db", Buffer.from("{}")) };
  registry.putManifest("team/db", { schemaVersion: 2, config, layers: [layer] }, { tag: "latest" });
  const name = `${registry.host}/team/db`;
  const message = expect.stringContaining(
    "team/db:latest does not contain a complete database: the zstd data is damaged",
  );
  const none = pull(name, join(folder, "nothing.db"));
  await expect(none).rejects.toMatchObject({ code: "feed-malformed", message, hint: "Push it again." });
  const hint = "Push it again. The previous database is unchanged.";
  await expect(pull(name, write("there.db"))).rejects.toMatchObject({ code: "feed-malformed", message, hint });
});

test("a pull tells what it replaced", async () => {
  const name = put(await fakeRegistry(), write("newer.db"));
  expect((await pull(name, join(folder, "first.db"))).replaced).toBeUndefined();
  expect((await pull(name, join(folder, "first.db"))).replaced).toMatchObject({ source: "newer.db" });
});
