import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CheckReport } from "../../src/model/checks/check.ts";
import { dockerLayout, type ImageSpec, layoutTar, ociLayout, writeLayout } from "../setup/image.ts";
import { namesIn, reportOf } from "./check-report.ts";
import { type RunResult, startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const secret = "hunter2-correct-horse";

const bad: ImageSpec = {
  tags: ["shop/bad:latest"],
  layers: [
    {
      members: [
        { name: "etc/passwd", content: "root::0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n" },
        { name: "usr/bin/su", content: "x", mode: 0o4755 },
        { name: "usr/bin/gone", content: "x", mode: 0o4755 },
        { name: "srv/open.txt", content: "x", mode: 0o666 },
        { name: "root/.ssh/id_rsa", content: "x", mode: 0o600 },
      ],
    },
    { members: [{ name: "usr/bin/.wh.gone", content: "" }] },
  ],
  config: { config: { Env: [`API_TOKEN=${secret}`], ExposedPorts: { "22/tcp": {} } } },
  history: [
    { created_by: "/bin/sh -c #(nop) ADD https://example.com/x /x" },
    { created_by: `RUN curl -u me:${secret} https://example.com` },
  ],
};
const good: ImageSpec = {
  tags: ["shop/good:1.2.3"],
  user: "10001:10001",
  layers: [{ members: [{ name: "etc/passwd", content: "root:x:0:0::/root:/sbin/nologin\n" }] }],
  config: { config: { User: "10001:10001", Healthcheck: { Test: ["CMD", "/bin/true"] } } },
};

function write(name: string, image: ImageSpec): string {
  writeFileSync(join(plimsoll.folder, name), layoutTar(dockerLayout([image])));
  return name;
}

const json = (...args: string[]): Promise<RunResult> => plimsoll(["check", "image", ...args, "--format", "json"]);
const stateOf = ({ results }: CheckReport, id: string): string[] =>
  results.filter((one) => one.id === id).map(({ state }) => state);

test("an archive of a badly made image: its configuration, history, files and accounts", async () => {
  const run = await json(write("bad.tar", bad));
  const report = reportOf(run);
  expect(run.code).toBe(0);
  expect(report.target).toMatchObject({ kind: "image", examined: { layers: 2 } });
  const failed = new Set(namesIn(report, "fail").map((name) => name.split(" ")[0]));
  expect(failed.size).toBeGreaterThan(8);
  const evidence = JSON.stringify(report.results.filter(({ state }) => state === "fail"));
  for (const path of ["/usr/bin/su", "/srv/open.txt", "/root/.ssh/id_rsa", "toor"]) expect(evidence).toContain(path);
  expect(evidence).not.toContain("/usr/bin/gone");
});

test("the values of secrets in variables and history are nowhere", async () => {
  const { stdout } = await json("bad.tar");
  const table = await plimsoll(["check", "image", "bad.tar", "--all", "--fix-script", "fix.sh"]);
  expect(stdout).toContain("API_TOKEN");
  for (const text of [stdout, table.stdout]) expect(text).not.toContain(secret);
});

test("a well made image passes what the bad one fails", async () => {
  const [one, other] = [reportOf(await json("bad.tar")), reportOf(await json(write("good.tar", good)))];
  const failed = [...new Set(namesIn(one, "fail").map((name) => name.split(" ")[0] ?? ""))];
  const still = failed.filter((id) => stateOf(other, id).includes("fail"));
  expect(still).toEqual([]);
  expect((await plimsoll(["check", "image", "good.tar", "--fail-on", "low"])).code).toBe(0);
  expect((await plimsoll(["check", "image", "bad.tar", "--fail-on", "high"])).code).toBe(1);
});

test("an OCI layout gives the same as an archive", async () => {
  writeLayout(join(plimsoll.folder, "layout"), ociLayout([bad]));
  const [layout, archive] = [reportOf(await json("layout")), reportOf(await json("bad.tar"))];
  const withoutTags = (report: CheckReport): unknown =>
    report.results
      .filter(({ id }) => !/tag|latest/.test(id))
      .map(({ id, state, evidence }) => ({ id, state, evidence }));
  expect(withoutTags(layout)).toEqual(withoutTags(archive));
});

test("a folder has no configuration: those checks cannot look, and those of files can", async () => {
  const folder = join(plimsoll.folder, "root/srv");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, ".bash_history"), "x");
  const run = await json("root");
  const report = reportOf(run);
  expect(run.code).toBe(3);
  expect(new Set(report.results.filter(({ state }) => state === "warn").map(({ reason }) => reason))).toEqual(
    new Set(["a folder does not have an image config"]),
  );
  expect(JSON.stringify(report.results.filter(({ state }) => state === "fail"))).toContain("/srv/.bash_history");
  expect(report.target.examined).toBeUndefined();
});

test("a layer that cannot be read leaves the configuration to be checked", async () => {
  write("broken.tar", { ...bad, layers: [{ bytes: Buffer.alloc(2048, 7) }] });
  const run = await json("broken.tar");
  const report = reportOf(run);
  expect(run.code).toBe(3);
  expect(namesIn(report, "fail").length).toBeGreaterThan(3);
  expect(namesIn(report, "warn").length).toBeGreaterThan(3);
});

test.each<[string, string, number, RegExp]>([
  ["an SBOM", "sbom.json", 2, /is an SBOM, which has no image configuration/],
  ["nothing", "./nowhere.tar", 3, /does not exist/],
  ["some other file", "text.txt", 3, /is not an image archive, an SBOM or a file/],
])("%s is an error", async (_, target, code, message) => {
  writeFileSync(
    join(plimsoll.folder, "sbom.json"),
    JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1, components: [] }),
  );
  writeFileSync(join(plimsoll.folder, "text.txt"), "hello\n");
  const run = await plimsoll(["check", "image", target]);
  expect(run.code).toBe(code);
  expect(run.stdout).toBe("");
  expect(run.stderr).toMatch(message);
});
