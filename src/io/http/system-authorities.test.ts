import { execFile } from "node:child_process";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCertificates, pem } from "../../../tests/registry/setup/certificates.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";

const { authority, server: certified } = makeCertificates(temporaryFolder());
let requests: string[] = [];
let connections = 0;
const server = createServer({ cert: pem(certified.certificate), key: pem(certified.key) }, (request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    requests.push(`${request.method} ${Buffer.concat(pieces)}`.trim());
    response.end("here");
  });
});
server.on("connection", () => connections++);

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

const client = join(import.meta.dirname, "http-client.ts");

/** What asking the server gives, in a program whose system trusts what `SSL_CERT_FILE` says. */
async function ask(options: {
  readonly system?: string;
  readonly body?: string;
  readonly times?: number;
}): Promise<string> {
  requests = [];
  connections = 0;
  const { system, body = "undefined", times = 1 } = options;
  const program = `
    import { HttpClient } from ${JSON.stringify(client)};
    const client = new HttpClient();
    const body = ${body};
    const method = body === undefined ? "GET" : "POST";
    const ask = async () => {
      try {
        const { response } = await client.send(new URL("https://127.0.0.1:${(server.address() as AddressInfo).port}/"), {
          headers: {}, signal: new AbortController().signal, method, ...(body !== undefined && { body }),
        });
        return String((await response.toArray())[0]);
      } catch (error) {
        return error.code;
      }
    };
    console.log((await Promise.all(Array.from({ length: ${times} }, ask))).join());
    process.exit();
  `;
  const { SSL_CERT_FILE: _file, SSL_CERT_DIR: _folder, NODE_EXTRA_CA_CERTS: _extra, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    env: { ...env, SSL_CERT_DIR: "/nonexistent", ...(system !== undefined && { SSL_CERT_FILE: system }) },
  });
  return stdout.trim();
}

test("a server whose authority the system knows is trusted, as by most programs", async () => {
  expect(await ask({ system: authority.certificate })).toBe("here");
  expect(requests).toEqual(["GET"]);
  expect(await ask({ system: authority.certificate, body: "Buffer.from('a')" })).toBe("here");
  expect(requests).toEqual(["POST a"]);
});

test("all that were asked at once are asked again, and no more than once", async () => {
  expect(await ask({ system: authority.certificate, times: 5 })).toBe("here,here,here,here,here");
  expect(requests).toHaveLength(5);
  expect(connections).toBeLessThanOrEqual(10);
});

test("one that neither Node nor the system knows is not", async () => {
  expect(await ask({})).toMatch(/^(?:UNABLE_TO|SELF_SIGNED|DEPTH)/);
  expect(requests).toEqual([]);
});

test("a body that comes piece by piece is not begun before the server is trusted", async () => {
  const body = "(async function* () { yield Buffer.from('a'); yield Buffer.from('b'); })()";
  expect(await ask({ system: authority.certificate, body })).toBe("here");
  expect(requests).toEqual(["POST ab"]);
  expect(await ask({ body })).toMatch(/^(?:UNABLE_TO|SELF_SIGNED|DEPTH)/);
  expect(requests).toEqual([]);
});
