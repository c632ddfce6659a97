import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RunResult, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { obstacle } from "./ps-cluster.ts";

const plimsoll = startPlimsoll();
const folder = temporaryFolder();
const noCertificates = temporaryFolder();

describe.skipIf(obstacle !== undefined)(`whom a kubeconfig trusts${obstacle ? ` (${obstacle})` : ""}`, () => {
  let server: Server;
  let requests = 0;
  beforeEach(() => {
    requests = 0;
  });
  beforeAll(async () => {
    makeChain();
    const read = (name: string): string => readFileSync(join(folder, name), "utf8");
    server = createServer({ key: read("server.key"), cert: read("server.crt") }, (_, response) => {
      requests++;
      response.end(JSON.stringify({ kind: "PodList", metadata: {}, items: [] }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Certificates of `root`, which vouches for `middle`, which vouches for `server`; and `other`, apart from them. */
  function makeChain(): void {
    const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    for (const name of ["root", "other"]) {
      openssl(
        "req",
        "-x509",
        ...key,
        "-days",
        "2",
        "-subj",
        `/CN=${name}`,
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.crt`,
      );
    }
    for (const [name, issuer, extensions] of [
      ["middle", "root", "basicConstraints=critical,CA:true"],
      ["server", "middle", "subjectAltName=DNS:kubernetes,IP:127.0.0.1,IP:10.96.0.1"],
    ] as const) {
      writeFileSync(join(folder, `${name}.ext`), extensions);
      openssl("req", ...key, "-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
      const signing = ["-CA", `${issuer}.crt`, "-CAkey", `${issuer}.key`, "-CAcreateserial", "-days", "2"];
      openssl("x509", "-req", "-in", `${name}.csr`, "-out", `${name}.crt`, ...signing, "-extfile", `${name}.ext`);
    }
  }

  /** `system` is the file of what the system trusts. */
  function ps(
    authority: string | undefined,
    { serverName, system, more = {} }: { serverName?: string | undefined; system?: string; more?: object } = {},
  ): Promise<RunResult> {
    const path = join(folder, "kubeconfig");
    const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const cluster = {
      server: address,
      ...(authority !== undefined && { "certificate-authority": authority }),
      ...more,
      ...(serverName !== undefined && { "tls-server-name": serverName }),
    };
    writeFileSync(
      path,
      JSON.stringify({
        "current-context": "dev",
        contexts: [{ name: "dev", context: { cluster: "dev", user: "me" } }],
        clusters: [{ name: "dev", cluster }],
        users: [{ name: "me", user: { token: "x1y2z3" } }],
      }),
    );
    const args = ["ps", "--engine", "kubernetes", "--no-update", "--kubeconfig", path];
    const trust = {
      SSL_CERT_DIR: noCertificates,
      ...(system !== undefined && { SSL_CERT_FILE: join(folder, system) }),
    };
    return plimsoll(args, { env: { PLIMSOLL_OFFLINE: "0", ...trust } });
  }

  test.each(["middle.crt", "server.crt"])("an authority need not be a root: %s alone is enough", async (authority) => {
    expect(await ps(authority)).toMatchObject({ code: 0, stderr: "" });
  });

  test.each(["root.crt", "other.crt"])(
    "%s, from which no certificate leads to the server's, is not, and no option of Node is advised",
    async (authority) => {
      const { code, stderr } = await ps(authority);
      expect(code).toBe(3);
      expect(stderr).toContain("cannot establish a trusted TLS connection");
      expect(stderr).not.toContain("Node");
    },
  );

  test.each([undefined, "kubernetes", "10.96.0.1"])("the server may be called %s", async (name) => {
    expect(await ps("middle.crt", { serverName: name })).toMatchObject({ code: 0, stderr: "" });
  });

  test.each(["10.96.0.2", "other"])("a server that is not called %s is not trusted", async (name) => {
    const { code, stderr } = await ps("middle.crt", { serverName: name });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: the cluster dev cannot be reached: cannot establish a trusted TLS connection/);
  });

  describe("without an authority of its own", () => {
    test.each([
      ["none", undefined, {}],
      ["an empty one", undefined, { "certificate-authority-data": "" }],
      ["an empty file", "empty.crt", {}],
    ])("trusts whom the system trusts, as kubectl does (%s)", async (_, authority, more) => {
      writeFileSync(join(folder, "empty.crt"), "");
      expect(await ps(authority, { system: "middle.crt", more })).toMatchObject({ code: 0, stderr: "" });
      const calledByAddress = { system: "middle.crt", serverName: "10.96.0.1", more };
      expect(await ps(authority, calledByAddress)).toMatchObject({ code: 0, stderr: "" });
    });

    test("trusts nobody whom the system does not trust, and no other name", async () => {
      for (const options of [{}, { system: "other.crt" }, { system: "middle.crt", serverName: "other" }]) {
        const { code, stderr } = await ps(undefined, options);
        expect(code).toBe(3);
        expect(stderr).toContain("cannot establish a trusted TLS connection");
        expect(stderr).not.toContain("Node");
      }
      expect(requests).toBe(0);
    });
  });

  test("whom the system trusts does not count beside an authority of the kubeconfig", async () => {
    const { code, stderr } = await ps("other.crt", { system: "middle.crt" });
    expect(code).toBe(3);
    expect(stderr).toContain("cannot establish a trusted TLS connection");
    expect(requests).toBe(0);
  });
});
