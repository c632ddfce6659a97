import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type CertificateFiles, makeCertificates, makeChain, pem } from "../../../tests/registry/setup/certificates.ts";
import { listenLocally } from "../../../tests/setup/local-server.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { download } from "./download.ts";
import { HttpClient } from "./http-client.ts";

const folder = temporaryFolder();
const chain = makeChain(folder);
const known = makeCertificates(folder);
const { authority } = known;
const { signal } = new AbortController();

async function serve({ certificate, key }: CertificateFiles): Promise<URL> {
  const server = createServer({ cert: pem(certificate), key: pem(key) }, (_, response) => response.end("here"));
  return new URL(`https://127.0.0.1:${await listenLocally(server)}/`);
}

test.each([
  ["which nobody signed", authority, undefined],
  ["of an authority that is not known", chain.server, undefined],
  ["of another authority than is known", chain.server, authority],
])("a server with a certificate %s fails in words that name no option of Node's", async (_, server, ca) => {
  const client = new HttpClient(undefined, ca && { ca: pem(ca.certificate) });
  const answer = client.get(await serve(server), { headers: {}, signal });
  await expect(answer).rejects.toMatchObject({
    code: expect.stringMatching(/CERT|SIGNATURE/),
    message: expect.not.stringMatching(/Node|--/),
  });
});

test("a feed from such a server says what makes the authority known", async () => {
  const client = new HttpClient();
  const file = download((await serve(chain.server)).href, join(folder, "feed"), {
    client,
    signal,
    maxBytes: 100,
    attempts: 1,
  });
  await expect(file).rejects.toMatchObject({
    code: "feed-unreachable",
    message: expect.stringMatching(/signed by an untrusted CA$/),
    hint: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
  });
});

test("a redirect from https to http is refused, and the http server is not asked", async () => {
  const asked: string[] = [];
  const plain = createPlainServer((request, response) => {
    asked.push(request.url ?? "");
    response.end("here");
  });
  const location = `http://127.0.0.1:${await listenLocally(plain)}/`;
  const secure = createServer({ cert: pem(known.server.certificate), key: pem(known.server.key) }, (_, response) => {
    response.writeHead(302, { location }).end();
  });
  const client = new HttpClient(undefined, { ca: pem(known.authority.certificate) });
  const answer = client.get(new URL(`https://127.0.0.1:${await listenLocally(secure)}/`), { headers: {}, signal });
  await expect(answer).rejects.toThrow("it redirects from https to http");
  expect(asked).toEqual([]);
});
