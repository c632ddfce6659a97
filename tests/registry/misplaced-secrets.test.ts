import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { fakeRegistry, sendJson } from "./setup/fake-registry.ts";

const pem = String(
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }),
);
const marker = "marker-of-a-secret";
const auths = JSON.stringify({ auths: { "a.test": { auth: Buffer.from(`ada:${marker}`).toString("base64") } } });

describe("what belongs into a file, in place of its path", () => {
  const plimsoll = startPlimsoll();
  const image = "registry.example.test/team/app:1";

  test.each([
    ["DOCKER_CONFIG", ["logout", "a.test"], { DOCKER_CONFIG: auths }],
    ["--key", ["verify", image, "--key", pem], {}],
    ["--key", ["scan", image, "--use-attached-sbom", "--key", pem, "--no-update"], {}],
    ["--trusted-root", ["verify", image, "--identity", "a", "--issuer", "b", "--trusted-root", pem], {}],
    ["--registry-ca or PLIMSOLL_REGISTRY_CA", ["sbom", image, "--registry-ca", pem], {}],
    ["--registry-ca or PLIMSOLL_REGISTRY_CA", ["sbom", image], { PLIMSOLL_REGISTRY_CA: pem }],
    ["--tls-cert", ["watch", "--k8s-audit", "127.0.0.1:0", "--tls-cert", pem, "--tls-key", pem], {}],
    ["--kubeconfig, KUBECONFIG or a kubeconfig", ["ps", "--engine", "kubernetes", "--kubeconfig", pem], {}],
    ["--kubeconfig, KUBECONFIG or a kubeconfig", ["ps", "--engine", "kubernetes"], { KUBECONFIG: `users:\n${pem}` }],
  ])("is wrong usage of %s, and nothing of it shows: %#", async (setting, args, env) => {
    const { code, stdout, stderr } = await plimsoll(args, { env: { PLIMSOLL_OFFLINE: "0", ...env } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`${setting} requires the path of a f`);
    for (const secret of [auths.slice(-40, -5), pem.split("\n")[1] ?? marker]) expect(stderr).not.toContain(secret);
  });
});

describe("the command line", () => {
  const plimsoll = startPlimsoll();

  test("refuses an annotation with two values, which no signature has", async () => {
    const both = ["--annotation", "stage=dev", "--annotation", "stage=prod"];
    const { code, stderr } = await plimsoll(["verify", "registry.example.test/a:1", "--key", "k.pub", ...both]);
    expect(code).toBe(2);
    expect(stderr).toContain("stage was given with two values");
  });

  test("tells of a registry in the environment without its user and password", async () => {
    const env = { PLIMSOLL_REGISTRY: "registry.example.test", PLIMSOLL_OFFLINE: "0" };
    const { code, stderr } = await plimsoll(["sbom", "registry.example.test/a:1"], { env });
    expect(code).toBe(2);
    expect(stderr).toContain("credentials in the environment need a registry, a user and a password");
  });

  test("says that a path of repositories is in lower case", async () => {
    const { code, stderr } = await plimsoll(["scan", "--registry", "ghcr.io/ACME"]);
    expect(code).toBe(2);
    expect(stderr).toContain("Write it in lower case.");
  });

  test("names at a log-in what comes before the credential", async () => {
    const registry = await fakeRegistry();
    const right = `Basic ${Buffer.from("ada:right").toString("base64")}`;
    registry.intercept = ({ headers }, response) =>
      headers.authorization === right
        ? sendJson(response, 200, {})
        : sendJson(response, 401, {}, { "www-authenticate": 'Basic realm="x"' });
    const old = JSON.stringify({ auths: { [registry.host]: { auth: Buffer.from("ada:old").toString("base64") } } });
    const { code, stderr } = await plimsoll(["login", registry.host, "-u", "ada", "--password-stdin"], {
      env: { DOCKER_AUTH_CONFIG: old, PLIMSOLL_OFFLINE: "0" },
      input: "right\n",
    });
    expect(code).toBe(0);
    expect(stderr).toContain(
      `the entry "${registry.host}" in DOCKER_AUTH_CONFIG takes precedence over the credential that was just stored`,
    );
    const file = join(plimsoll.folder, "home", ".docker", "config.json");
    expect(readFileSync(file, "utf8")).toContain(right.slice("Basic ".length));
  });
});
