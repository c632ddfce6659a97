import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { makeCertificates, pem } from "../registry/setup/certificates.ts";
import { corpusPath, describeWithCorpus } from "../setup/corpus.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { alertsOf, deletionRules, eventList, post, startWatch } from "./watching.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const rules = join(folder, "audit.yaml");

beforeAll(() => writeFileSync(rules, deletionRules));

describe("plimsoll watch --k8s-audit", () => {
  test("judges what an API server posts before it answers, and ends with 130 when it is interrupted", async () => {
    const file = join(folder, "posted.jsonl");
    const args = ["--k8s-audit", "127.0.0.1:0", "--rules", rules, "--to", `file:${file}`];
    const { child, said, ended } = startWatch(plimsoll, args);
    const url = (await said(/listening on (http:\S+)/))[1] ?? "";
    expect(await post(`${url}?timeout=30s`, eventList("a", "b"))).toBe(200);
    expect(alertsOf(readFileSync(file, "utf8")).map(({ output }) => output)).toEqual([
      "10:00:00.000001000: Notice Deleted (user=ann name=a)",
      "10:00:00.000001000: Notice Deleted (user=ann name=b)",
    ]);
    expect(await post(url, "{")).toBe(400);
    expect(await post(url.replace("k8s-audit", "else"), eventList("c"))).toBe(404);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toMatch(/2 events, 2 alerts\n {7}2 {2}Notice {8}Anything deleted\n$/);
  });

  test("alerts of what came just before the interruption still go out", async () => {
    const { child, said, ended } = startWatch(plimsoll, ["--k8s-audit", "127.0.0.1:0", "--rules", rules]);
    const url = (await said(/listening on (http:\S+)/))[1] ?? "";
    const names = Array.from({ length: 2000 }, (_, index) => `pod-${index}`);
    const posted = post(url, eventList(...names));
    posted.then(() => child.kill("SIGINT"));
    expect(await posted).toBe(200);
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(alertsOf(stdout)).toHaveLength(2000);
  });

  test("speaks TLS, and hears only clients with a certificate when told so", async () => {
    const { authority, server, client } = makeCertificates(folder);
    const tls = ["--tls-cert", server.certificate, "--tls-key", server.key, "--client-ca", authority.certificate];
    const args = ["--k8s-audit", "127.0.0.1:0", "--rules", rules, ...tls];
    const { child, said, printed, ended } = startWatch(plimsoll, args);
    const url = (await said(/listening on (https:\S+)/))[1] ?? "";
    const ca = pem(authority.certificate);
    await expect(post(url, eventList("a"), { ca })).rejects.toThrow();
    await expect(post(url.replace("https", "http"), eventList("b"))).rejects.toThrow();
    const own = { ca, key: pem(client.key), cert: pem(client.certificate) };
    expect(await post(url, eventList("c"), own)).toBe(200);
    await printed(/name=c/);
    child.kill("SIGTERM");
    expect(alertsOf((await ended).stdout)).toHaveLength(1);
  });

  test("a client that sends endless bytes is cut off, in little memory, while others are heard", async () => {
    const args = ["--k8s-audit", "127.0.0.1:0", "--rules", rules, "--metrics", "127.0.0.1:0"];
    const { child, said, printed, ended } = startWatch(plimsoll, args, {
      env: { NODE_OPTIONS: "--max-old-space-size=96" },
    });
    const [, url = "", port = ""] = await said(/listening on (http:\/\/127.0.0.1:(\d+)\S+)/);
    const piece = Buffer.alloc(1 << 20, "x");
    const flood = connect(Number(port), "127.0.0.1");
    let sent = 0;
    const cut = new Promise<void>((resolve) => {
      const pump = (): void => {
        while (!flood.destroyed && sent < 512 << 20) {
          sent += piece.length;
          if (!flood.write(`${piece.length.toString(16)}\r\n`) || !flood.write(piece) || !flood.write("\r\n")) return;
        }
      };
      flood.on("drain", pump).on("error", () => undefined);
      flood.on("close", () => resolve());
      flood.on("data", () => undefined);
      flood.write(
        "POST /k8s-audit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
      );
      pump();
    });
    expect(await post(url, eventList("a"))).toBe(200);
    await cut;
    expect(sent).toBeLessThan(512 << 20);
    expect(await post(url, eventList("b"))).toBe(200);
    await printed(/name=b/);
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
  });
});

/** A file holds one document, or one a line. */
function bodiesOf(text: string): readonly string[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines[0]?.endsWith("}") ? lines : [text];
}

describeWithCorpus("plimsoll watch, over audit events that API servers wrote", () => {
  const events = corpusPath("runtime/k8s-audit/events");
  const upstream = corpusPath("runtime/rules-upstream/k8s_audit_rules.yaml");
  const files = readdirSync(events).filter((name) => name.endsWith(".json"));
  /** Holds on purpose what is no audit event. */
  const malformed = "fal_01_003.json";

  test("raises the same alerts for events that are posted, read from a folder, and from standard input", async () => {
    expect(files.length).toBeGreaterThan(30);
    const watchOf = (...args: string[]): string[] => [...args, "--rules", upstream];
    const read = await plimsoll(["watch", ...watchOf("--k8s-audit-file", events)]);
    expect(read).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(`^note: .*${malformed}: .* is not a Kubernetes audit event`),
    });
    const ofFolder = alertsOf(read.stdout).map(({ output }) => output);
    expect(ofFolder.length).toBeGreaterThan(10);

    const input = files.map((name) => readFileSync(join(events, name), "utf8")).join("\n");
    const piped = await plimsoll(["watch", ...watchOf("--k8s-audit-file", "-")], { input });
    expect(
      alertsOf(piped.stdout)
        .map(({ output }) => output)
        .sort(),
    ).toEqual([...ofFolder].sort());

    const { child, said, ended } = startWatch(plimsoll, watchOf("--k8s-audit", "127.0.0.1:0"));
    const url = (await said(/listening on (http:\S+)/))[1] ?? "";
    for (const name of files) {
      for (const body of bodiesOf(readFileSync(join(events, name), "utf8"))) {
        expect(await post(url, body), name).toBe(name === malformed ? 400 : 200);
      }
    }
    child.kill("SIGINT");
    expect(
      alertsOf((await ended).stdout)
        .map(({ output }) => output)
        .sort(),
    ).toEqual([...ofFolder].sort());
  });

  test("leaves out what is older than --since", async () => {
    const { stderr } = await plimsoll(["watch", "--k8s-audit-file", events, "--since", "2100-01-01T00:00:00Z"]);
    expect(stderr).toMatch(/^note: .*\n0 events, 0 alerts\n$/);
  });
});
