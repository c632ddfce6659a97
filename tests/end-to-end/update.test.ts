import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DatabaseStatus } from "../../src/model/findings/advisory.ts";
import type { Report } from "../../src/model/reports/report.ts";
import { feedServer } from "../setup/feed-server.ts";
import { addresses, knownExploited, npmBucket } from "../setup/publisher-files.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { npmLayer, writeImage } from "./small-targets.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const online = { PLIMSOLL_OFFLINE: "0" };
const records = [
  { id: "CVE-2024-0001", name: "leaky", fixed: "2.0.0" },
  { id: "CVE-2024-0002", name: "other", fixed: "3.0.0" },
];

async function statusOf(path: string): Promise<DatabaseStatus> {
  const { stdout } = await plimsoll(["db", "status", "--db", path, "--format", "json"]);
  return JSON.parse(stdout) as DatabaseStatus;
}

test("an update fetches what it is asked for, and later only what changed", async () => {
  const server = await feedServer({ ...npmBucket(records), ...knownExploited(["CVE-2024-0001"]) });
  const update = (only: string) =>
    plimsoll(["db", "update", "--only", only, "--mirror", server.address, "--db", "a.sqlite"], { env: online });
  expect(await update("npm,kev")).toMatchObject({ code: 0, stderr: "" });
  expect(await statusOf("a.sqlite")).toMatchObject({
    records: 2,
    ecosystems: [{ ecosystem: "npm", records: 2 }],
    parts: [
      { feed: "kev", items: 1 },
      { feed: "osv", name: "npm", items: 2 },
    ],
  });

  server.forget();
  expect(await update("npm,kev")).toMatchObject({ code: 0, stderr: "" });
  expect(server.requests.filter(({ status }) => status !== 304).map(({ address }) => address)).toEqual([
    "storage.googleapis.com/osv-vulnerabilities/ecosystems.txt",
  ]);

  for (const [address, content] of Object.entries(
    npmBucket([...records, { id: "CVE-2025-1", name: "new", fixed: "1.0.0" }]),
  )) {
    server.put(address, content);
  }
  expect(await update("npm")).toMatchObject({ code: 0, stderr: "" });
  expect(await statusOf("a.sqlite")).toMatchObject({ records: 3, parts: [{ feed: "kev", items: 1 }, { feed: "osv" }] });
});

test("an updated database is the one that a build from nothing gives, byte for byte", async () => {
  const before = npmBucket(records);
  const after = npmBucket([
    ...records.slice(1),
    { id: "CVE-2024-0001", name: "leaky", fixed: "2.0.1", modified: "2025-01-01T00:00:00Z" },
  ]);
  const server = await feedServer(before);
  const build = (db: string) =>
    plimsoll(
      ["db", "build", "--only", "npm", "--mirror", server.address, "--db", db, "--date", "2025-11-25T00:00:00Z"],
      { env: online },
    );
  await build("built.sqlite");
  await build("again.sqlite");
  expect(readFileSync(join(folder, "again.sqlite")).equals(readFileSync(join(folder, "built.sqlite")))).toBe(true);
  const digest = async (db: string): Promise<string> => {
    const { stdout } = await plimsoll(["db", "verify", "--db", db, "--format", "json"]);
    return (JSON.parse(stdout) as { digest: string }).digest;
  };
  const first = await digest("built.sqlite");
  for (const [address, content] of Object.entries(after)) server.put(address, content);
  await plimsoll(["db", "update", "--only", "npm", "--mirror", server.address, "--db", "again.sqlite"], {
    env: online,
  });
  await build("fresh.sqlite");
  expect(await digest("again.sqlite")).toBe(await digest("fresh.sqlite"));
  expect(await digest("fresh.sqlite")).not.toBe(first);
  const { stdout } = await plimsoll(["db", "diff", "built.sqlite", "fresh.sqlite"]);
  expect(stdout).toContain("~ npm  CVE-2024-0001  leaky");
});

test("the first scan fetches the advisories that its target needs, and no others", async () => {
  const server = await feedServer({ ...npmBucket(records), ...knownExploited(["CVE-2024-0001"]) });
  writeImage(folder, "leaky.tar", [npmLayer("leaky", "1.5.0")]);
  const env = { ...online, PLIMSOLL_MIRROR: server.address, XDG_DATA_HOME: join(folder, "first") };
  const scan = (...more: string[]) => plimsoll(["scan", "leaky.tar", "--format", "json", ...more], { env });

  const refused = JSON.parse((await scan("--no-update")).stdout) as Report;
  expect(refused.database.kind).toBe("built-in");
  expect(server.requests).toEqual([]);

  const { code, stdout, stderr } = await scan("--fail-on", "high");
  const report = JSON.parse(stdout) as Report;
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(report.findings.map(({ id }) => id)).toEqual(["CVE-2024-0001"]);
  expect(report.database).toMatchObject({ kind: "file", parts: [{ feed: "osv", name: "npm" }] });
  expect(existsSync(join(folder, "first/plimsoll/advisories.sqlite"))).toBe(true);

  server.forget();
  await scan();
  expect(server.requests).toEqual([]);
});

test("a scan that can fetch nothing goes on with what there is, and says so", async () => {
  const server = await feedServer({});
  server.fault(addresses.list, { kind: "status", status: 403 });
  writeImage(folder, "other.tar", [npmLayer("leaky", "1.5.0")]);
  const env = { ...online, PLIMSOLL_MIRROR: server.address, XDG_DATA_HOME: join(folder, "none") };
  const { code, stdout } = await plimsoll(["scan", "other.tar", "--format", "json", "--fail-on", "low"], { env });
  const { database, verdict } = JSON.parse(stdout) as Report;
  expect(code).toBe(3);
  expect(verdict.decision).toBe("cannot-tell");
  expect(database.limits.join("\n")).toContain("could not be fetched");
});

test("records that the fetch of a scan could not read are told", async () => {
  const server = await feedServer(npmBucket([...records, { id: "CVE-2024-0003", name: "", fixed: "1.0.0" }]));
  writeImage(folder, "unread.tar", [npmLayer("leaky", "1.5.0")]);
  const env = { ...online, PLIMSOLL_MIRROR: server.address, XDG_DATA_HOME: join(folder, "unread") };
  const { stdout } = await plimsoll(["scan", "unread.tar", "--format", "json"], { env });
  const { database, findings } = JSON.parse(stdout) as Report;
  expect(findings).toHaveLength(1);
  expect(database.limits.join()).toContain("one record could not be read: npm/CVE-2024-0003.json");
});

test("a publisher that fails costs its own news only", async () => {
  const server = await feedServer({ ...npmBucket(records), ...knownExploited(["CVE-2024-0001"]) });
  const update = () =>
    plimsoll(["db", "update", "--only", "npm,kev", "--mirror", server.address, "--db", "partly.sqlite"], {
      env: online,
    });
  await update();
  server.fault(addresses.kev, { kind: "html" });
  for (const [address, content] of Object.entries(npmBucket(records.slice(0, 1)))) server.put(address, content);
  const { code, stderr } = await update();
  expect(code).toBe(3);
  expect(stderr).toContain("is unchanged");
  expect(await statusOf("partly.sqlite")).toMatchObject({
    records: 1,
    parts: [{ feed: "kev", items: 1 }, { feed: "osv" }],
  });
});

test("two updates of one database at the same time both leave there what they brought", async () => {
  const server = await feedServer({ ...npmBucket(records), ...knownExploited(["CVE-2024-0001"]) });
  for (const db of ["together-1.sqlite", "together-2.sqlite", "together-3.sqlite"]) {
    const update = (only: string) =>
      plimsoll(["db", "update", "--only", only, "--mirror", server.address, "--db", db], { env: online });
    const runs = await Promise.all([update("npm"), update("kev")]);
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual([0, 0].map((code) => ({ code, stderr: "" })));
    expect((await statusOf(db)).parts.map(({ feed }) => feed)).toEqual(["kev", "osv"]);
  }
});

test("an ecosystem that cannot be read is named, and a record that could not be read stands in the status", async () => {
  const server = await feedServer(npmBucket([...records, { id: "CVE-2024-0003", name: "", fixed: "1.0.0" }]));
  server.put(`${addresses.list.replace(/npm.*$/, "")}ecosystems.txt`, "PyPI\nnpm\n");
  const run = ["db", "update", "--only", "npm,PyPI", "--mirror", server.address, "--db", "named.sqlite"];
  const { code, stderr } = await plimsoll(run, { env: online });
  expect(code).toBe(3);
  expect(stderr).toContain("PyPI of OSV.dev is missing: ");
  const status = await plimsoll(["db", "status", "--db", "named.sqlite"]);
  expect(status.stdout).toMatch(/ osv .*, 1 record could not be read\n/);
});

test("a file that is no database is never said to be one to remove", async () => {
  writeFileSync(join(folder, "precious.txt"), "not to be lost");
  for (const command of [
    ["status", "--db"],
    ["verify", "--db"],
    ["diff", "precious.txt"],
  ]) {
    const { code, stderr } = await plimsoll(["db", ...command, "precious.txt"]);
    expect(code).toBe(3);
    expect(stderr).toContain("precious.txt is not an advisory database");
    expect(stderr).not.toMatch(/remove it/i);
  }
});

test("a name that is neither a feed nor an ecosystem is a wrong usage that names those that are", async () => {
  const { code, stderr } = await plimsoll(["db", "update", "--only", "debain", "--db", "x.sqlite"], { env: online });
  expect(code).toBe(2);
  expect(stderr).toContain('"debain" is neither a feed nor an ecosystem');
  expect(stderr).toContain("debian");
});

test("a database beyond the allowed age is refused, and one past the first age remarked on", async () => {
  const server = await feedServer(npmBucket(records));
  const old = ["--date", "2024-01-01T00:00:00Z", "--db", "old.sqlite"];
  await plimsoll(["db", "build", "--only", "npm", "--mirror", server.address, ...old], { env: online });
  writeImage(folder, "aged.tar", [npmLayer("leaky", "1.5.0")]);
  const refused = await plimsoll(["scan", "aged.tar", "--db", "old.sqlite"]);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain("plimsoll db update");
  const allowed = await plimsoll(["scan", "aged.tar", "--db", "old.sqlite", "--max-db-age", "99999", "-f", "json"]);
  expect((JSON.parse(allowed.stdout) as Report).database.limits.join()).toContain("days ago");
  const env = { PLIMSOLL_MAX_DB_AGE: "99999", PLIMSOLL_WARN_DB_AGE: "99999" };
  const silent = await plimsoll(["scan", "aged.tar", "--db", "old.sqlite", "-f", "json"], { env });
  expect((JSON.parse(silent.stdout) as Report).database.limits).toEqual([]);
});

test("an update of something else does not make the advisories of a target young", async () => {
  const server = await feedServer({ ...npmBucket(records), ...knownExploited(["CVE-2024-0001"]) });
  const path = ["--db", "partly-old.sqlite"];
  const from = ["--mirror", server.address, ...path];
  const date = "2024-01-01T00:00:00.000Z";
  await plimsoll(["db", "build", "--only", "npm", ...from, "--date", date], { env: online });
  expect((await plimsoll(["db", "update", "--only", "kev", ...from], { env: online })).code).toBe(0);
  expect(await statusOf("partly-old.sqlite")).toMatchObject({ behind: [{ feed: "osv", name: "npm", since: date }] });
  expect((await plimsoll(["db", "status", ...path])).stdout).toMatch(/ osv .* last updated 2024-01-01\n/);
  writeImage(folder, "partly-aged.tar", [npmLayer("leaky", "1.5.0")]);
  const scan = ["scan", "partly-aged.tar", ...path, "--format", "json"];
  const refused = await plimsoll(scan);
  expect(refused).toMatchObject({ code: 3, stdout: "" });
  expect(refused.stderr).toContain("the advisories of npm in");
  expect(refused.stderr).toContain("plimsoll db update");
  const allowed = JSON.parse((await plimsoll([...scan, "--max-db-age", "99999"])).stdout) as Report;
  expect(allowed.findings).toHaveLength(1);
  expect(allowed.database.limits.join()).toContain("the advisories of npm were last updated");
  expect((await plimsoll(["db", "update", "--only", "npm", ...from], { env: online })).code).toBe(0);
  const young = JSON.parse((await plimsoll(scan)).stdout) as Report;
  expect({ behind: young.database.behind, limits: young.database.limits }).toEqual({
    behind: [{ feed: "kev", name: "catalogue", since: expect.any(String) }],
    limits: [],
  });
});

test("an update without a network is refused unless the mirror is a folder", async () => {
  const { code, stderr } = await plimsoll(["db", "update", "--offline"]);
  expect(code).toBe(2);
  expect(stderr).toContain("--mirror");
});

test("a file that is no database is not overwritten by one, whatever command was given its name", async () => {
  const server = await feedServer(npmBucket(records));
  const path = join(folder, "notes.txt");
  writeFileSync(path, "not to be lost");
  const from = ["--only", "npm", "--mirror", server.address, "--db", path];
  for (const command of [
    ["update", ...from],
    ["build", ...from],
    ["pull", "127.0.0.1:9/a/b", "--db", path],
  ]) {
    const { code, stderr } = await plimsoll(["db", ...command], { env: online });
    expect({ command: command[0], code }).toEqual({ command: command[0], code: 3 });
    expect(stderr).toContain("notes.txt exists but is not an advisory database");
    expect(readFileSync(path, "utf8")).toBe("not to be lost");
  }
  writeFileSync(path, "");
  expect((await plimsoll(["db", "update", ...from], { env: online })).code).toBe(0);
  writeFileSync(path, readFileSync(path).subarray(0, 5000));
  expect((await plimsoll(["db", "build", ...from], { env: online })).code).toBe(0);
  expect((await statusOf(path)).records).toBe(2);
});
