import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { makeCertificates, pem } from "../../../tests/registry/setup/certificates.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Alert } from "../../model/events/alert.ts";
import { formatAlertJson } from "../alerts/format-alert.ts";
import { internalAlert } from "../alerts/internal-alert.ts";
import { HttpSender } from "./http-sender.ts";

const signal = new AbortController().signal;
const root = temporaryFolder();
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

const alert: Alert = {
  rule: "Write below etc",
  priority: "Error",
  source: "syscall",
  time: 1_558_107_116_746_609_046n,
  message: 'File below /etc opened for writing (user=root command=touch "/etc/ü")',
  tags: ["filesystem", "T1098"],
  fields: [
    ["user.name", "root"],
    ["fd.name", null],
    ["proc.ppid", 18_446_744_073_709_551_615n],
    ["k8s.ns.name", null],
  ],
  hostname: "node-1",
  eventNumber: 7,
};

test("Falcosidekick takes what is sent: one alert a request, with all that it asks for", async () => {
  const { address, requests } = await server((response, body) => response.writeHead(acceptance(body)).end());
  const sender = new HttpSender(address);
  const internal = internalAlert("alerts lost", { message: "3.", priority: "Critical", time: 1n, fields: [["n", 3]] });
  for (const one of [alert, internal]) await sender.send([formatAlertJson(one, { timeFormat: "local" })], signal);
  expect(requests.map(({ method }) => method)).toEqual(["POST", "POST"]);
  expect(requests[0]?.headers).toMatchObject({ "content-type": "application/json" });
  expect(sender.batchSize).toBe(1);
});

test("an alert is lost by nobody when Falcosidekick would refuse it: it is told", async () => {
  const { address } = await server((response, body) => response.writeHead(acceptance(body)).end());
  await expect(new HttpSender(address).send(["[]"], signal)).rejects.toMatchObject({ isFinal: true });
});

test("many alerts can go as an array or as lines, also packed", async () => {
  const { address, requests } = await server((response) => response.writeHead(204).end());
  await new HttpSender(address, { form: "array" }).send(['{"a":1}', '{"a":2}'], signal);
  await new HttpSender(address, { form: "lines", compresses: true }).send(['{"a":1}', '{"a":2}'], signal);
  expect(JSON.parse(requests[0]?.body.toString() ?? "")).toEqual([{ a: 1 }, { a: 2 }]);
  expect(requests[1]?.headers).toMatchObject({ "content-encoding": "gzip", "content-type": "application/x-ndjson" });
  expect(gunzipSync(requests[1]?.body ?? Buffer.alloc(0)).toString()).toBe('{"a":1}\n{"a":2}\n');
});

test("one connection serves all requests", async () => {
  const { address, connections } = await server((response) => response.end("x".repeat(30_000)));
  const sender = new HttpSender(address);
  for (let index = 0; index < 5; index++) await sender.send(["{}"], signal);
  expect(connections()).toBe(1);
});

test("headers of the user's are sent, and no secret is shown", async () => {
  const { address, requests } = await server((response) => response.writeHead(500).end("secret3"));
  const secret = address.replace("http://", "http://user:secret1@").concat("/services/secret2?token=secret2");
  const sender = new HttpSender(secret, { headers: { "X-Token": "secret4" } });
  const error = await sender.send(["{}"], signal).catch((cause: unknown) => cause);
  expect(requests[0]?.headers).toMatchObject({
    "x-token": "secret4",
    authorization: `Basic ${Buffer.from("user:secret1").toString("base64")}`,
  });
  expect(`${sender.id} ${String(error)}`).toBe(`http ${address} DeliveryFailure: it answers 500`);
});

test("a server with a certificate of one's own is verified, and shown the client's certificate", async () => {
  const { authority, server: own, client } = makeCertificates(root);
  const ca = pem(authority.certificate);
  const options = { cert: pem(own.certificate), key: pem(own.key), ca, requestCert: true, rejectUnauthorized: true };
  let requests = 0;
  const listening = createTlsServer(options, (_request, response) => {
    requests++;
    response.end();
  });
  servers.push(listening);
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const address = `https://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  const certificate = { certificate: pem(client.certificate), key: pem(client.key) };
  await new HttpSender(address, { tls: { ca, ...certificate } }).send(["{}"], signal);
  await expect(new HttpSender(address, { tls: certificate }).send(["{}"], signal)).rejects.toThrow(/certificate/);
  await expect(new HttpSender(address, { tls: { ca } }).send(["{}"], signal)).rejects.toMatchObject({ isFinal: false });
  expect(requests).toBe(1);
});

test.each(["file:///etc/passwd", "no address with secret", "ftp://secret"])("%s is not an address", (address) => {
  expect(() => new HttpSender(address)).toThrow(/^the address for alerts is not an http or https address$/);
});

test("a header that could add another is refused, without showing it", () => {
  expect(() => new HttpSender("http://localhost", { headers: { a: "secret\r\nb: c" } })).toThrow(
    'the header "a" for alerts is not a valid HTTP header',
  );
});

test("a redirect is not followed", async () => {
  const other = await server((response) => response.end());
  const { address } = await server((response) => response.writeHead(307, { location: other.address }).end());
  await expect(new HttpSender(address).send(["{}"], signal)).rejects.toMatchObject({ isFinal: false });
  expect(other.requests).toEqual([]);
});

test.each([
  [429, "7", { isFinal: false, retryAfter: 7000 }],
  [503, undefined, { isFinal: false, retryAfter: 0 }],
  [401, undefined, { isFinal: false }],
  [400, undefined, { isFinal: true }],
  [413, undefined, { isFinal: true }],
])("the answer %i with Retry-After %s says whether to try again", async (status, after, expected) => {
  const { address } = await server((response) =>
    response.writeHead(status, after === undefined ? {} : { "retry-after": after }).end(),
  );
  await expect(new HttpSender(address).send(["{}"], signal)).rejects.toMatchObject(expected);
});

test("a server that says nothing costs the time that was given", async () => {
  const { address } = await server(() => undefined);
  await expect(new HttpSender(address, { timeout: 50 }).send(["{}"], signal)).rejects.toThrow("no response in time");
});

test("an answer that does not end is left when its status is known", async () => {
  const { address } = await server((response) => {
    response.writeHead(200);
    const more = (): void => {
      response.write("x".repeat(10_000), () => setImmediate(more));
    };
    more();
  });
  await new HttpSender(address).send(["{}"], signal);
});

test("a server that is not there is a failure that may pass", async () => {
  const { address } = await server(() => undefined);
  await new Promise((resolve) => servers.pop()?.close(resolve));
  await expect(new HttpSender(address).send(["{}"], signal)).rejects.toMatchObject({ isFinal: false });
});

/** 200 where Falcosidekick accepts a body, else 400. Source: falcosidekick, `handlers.go` and `types/types.go`. */
function acceptance(body: Buffer): number {
  const value: unknown = JSON.parse(body.toString());
  if (typeof value !== "object" || value === null || Array.isArray(value)) return 400;
  const {
    output,
    priority,
    rule,
    time,
    output_fields: fields,
    tags,
    hostname,
    source,
  } = value as Record<string, unknown>;
  const isText = [output, priority, rule, time, hostname, source].every((text) => typeof text === "string");
  const isRfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/.test(String(time));
  const isPriority = /^(debug|info|informational|notice|warning|error|critical|alert|emergency)$/i.test(
    String(priority),
  );
  const isTagged = tags === undefined || (Array.isArray(tags) && tags.every((tag) => typeof tag === "string"));
  const isFilled = typeof fields === "object" && fields !== null && Object.keys(fields).length > 0;
  // It takes these two to be texts wherever they are not null, and stops otherwise.
  const names = ["k8s.ns.name", "k8s.pod.name"].map((name) => (fields as Record<string, unknown>)[name] ?? "");
  const isNamed = names.every((name) => typeof name === "string");
  return isText && isRfc3339 && isPriority && isTagged && isFilled && isNamed && rule !== "" ? 200 : 400;
}

interface Received {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function server(
  answer: (response: ServerResponse, body: Buffer) => unknown,
): Promise<{ address: string; requests: Received[]; connections: () => number }> {
  const requests: Received[] = [];
  let connections = 0;
  const listening = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const body = Buffer.concat(pieces);
      requests.push({ method: request.method, headers: request.headers, body });
      answer(response, body);
    });
  }).on("connection", () => connections++);
  servers.push(listening);
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, requests, connections: () => connections };
}

test("a variable that names no proxy is told at once where alerts would go through it, and only there", () => {
  const proxies = { HTTPS_PROXY: "socks5://127.0.0.1:1080" };
  expect(() => new HttpSender("https://alerts.test/", { proxies })).toThrow(
    "HTTPS_PROXY is not the address of an HTTP proxy",
  );
  expect(new HttpSender("http://alerts.test/", { proxies }).id).toBe("http http://alerts.test");
  expect(new HttpSender("https://localhost:8443/", { proxies }).id).toBe("http https://localhost:8443");
});
