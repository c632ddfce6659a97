import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import { dockerLayout, layoutTar } from "../setup/image.ts";
import { writeFiles } from "../setup/write-files.ts";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;

// Split, so that no scanner takes this file for one with a secret.
const token = `ghp_${"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"}0mLq17`;
const password = "Hq81xv9z-Lw";
const key = `-----BEGIN ${"RSA"} PRIVATE KEY-----\n${"MIIEpAIBAAKCAQEA7v3k".repeat(20)}\n-----END RSA PRIVATE KEY-----\n`;
const values = [token, password, "MIIEpAIBAAKCAQEA7v3k"];

beforeAll(() => {
  writeFiles(join(folder, "shop"), {
    "deploy.sh": `#!/bin/sh\ncurl -H "Authorization: ${token}" https://api.example.test\n`,
    "config/database.yml": `url: postgres://shop:${password}@db.example.test/shop\n`,
    "node_modules/a/key.pem": key,
  });
  const image = layoutTar(
    dockerLayout([
      {
        layers: [
          {
            members: [
              { name: "app/id_rsa", content: key },
              { name: "app/run.sh", content: `T=${token}\n` },
            ],
            createdBy: "COPY . /app",
          },
          { members: [{ name: "app/.wh.id_rsa", content: "" }], createdBy: "RUN rm /app/id_rsa" },
        ],
        config: { config: { Env: ["PATH=/bin", `DATABASE_URL=postgres://shop:${password}@db/shop`] } },
      },
    ]),
  );
  writeFiles(folder, { "shop.tar": image });
});

async function scan(...args: string[]): Promise<{ readonly code: number | null; readonly report: Report }> {
  const { code, stdout } = await plimsoll(["scan", ...args, "--scanners", "secrets", "--format", "json"]);
  return { code, report: JSON.parse(stdout) as Report };
}

describe("scan --scanners secrets", () => {
  test("finds the secrets of a repository, without those of its dependencies", async () => {
    const { code, report } = await scan("shop");
    expect(code).toBe(0);
    expect(report.secrets?.map(({ rule, path, line }) => [rule, path, line])).toEqual([
      ["database-url-password", "config/database.yml", 1],
      ["github-token", "deploy.sh", 2],
    ]);
    expect(report.verdict).toEqual({ decision: "not-judged", reasons: ["2 findings; no policy or --fail-on given"] });
  });

  test("finds those of an image, also in its configuration and in files that a later layer removes", async () => {
    const { report } = await scan("shop.tar");
    expect(report.secrets?.map(({ rule, path, layer, deleted }) => [rule, path, layer, deleted])).toEqual([
      ["database-url-password", "ENV DATABASE_URL", null, undefined],
      ["rsa-private-key", "app/id_rsa", 0, true],
      ["github-token", "app/run.sh", 0, undefined],
    ]);
  });

  test("gives the same with the layers in the cache", async () => {
    const cached = ["--cache", join(folder, "cache")];
    const first = await scan("shop.tar", ...cached);
    expect((await scan("shop.tar", ...cached)).report.secrets).toEqual(first.report.secrets);
    const { stdout } = await plimsoll(["scan", "shop.tar", ...cached, "--format", "json"]);
    expect(JSON.parse(stdout).secrets).toBeUndefined();
  });

  test("obeys the gate, rules and waivers", async () => {
    expect((await scan("shop", "--fail-on", "critical")).code).toBe(1);
    writeFiles(folder, {
      "waived.yaml":
        "failOn: high\nwaivers:\n  - {id: secret/*, reason: revoked, path: 'config/*'}\n  - {id: secret/github-token, reason: revoked}\n",
      "rules.yaml": "rules:\n  - {name: tokens, when: {kind: secret, id: secret/github-token}, action: deny}\n",
    });
    const waived = await scan("shop", "--policy", "waived.yaml");
    expect([waived.code, waived.report.secrets, waived.report.waivedSecrets?.length]).toEqual([0, [], 2]);
    expect((await scan("shop", "--policy", "rules.yaml")).report.verdict.decision).toBe("denied");
  });

  test.each([
    "table",
    "json",
    "sarif",
    "csv",
    "junit",
    "markdown",
    "html",
    "github",
    "slack",
    "teams",
    "gitlab",
    "cyclonedx",
  ])("never writes a value to %s", async (format) => {
    for (const target of ["shop", "shop.tar"]) {
      const { stdout, stderr } = await plimsoll([
        "scan",
        target,
        "--scanners",
        "vulnerabilities,secrets",
        "-f",
        format,
      ]);
      for (const value of values) expect(stdout + stderr).not.toContain(value);
    }
  });

  test("shows each with its place and its shape", async () => {
    const { stdout } = await plimsoll(["scan", "shop.tar", "--scanners", "secrets"]);
    expect(stdout).toContain("Secrets     3 secrets");
    expect(stdout).toContain("RSA private key");
    expect(stdout).toContain("/app/id_rsa:1, layer 1 of 2");
    expect(stdout).toContain("image configuration, ENV DATABASE_URL");
  });

  test("is an error for another word, and for a registry", async () => {
    const unknown = await plimsoll(["scan", "shop", "--scanners", "viruses"]);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("vulnerabilities, secrets")]);
    const many = await plimsoll(["scan", "--registry", "127.0.0.1:1", "--scanners", "secrets"]);
    expect([many.code, many.stderr]).toEqual([
      2,
      expect.stringContaining("--scanners is supported for one target only"),
    ]);
  });
});
