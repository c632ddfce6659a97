import { request as plainRequest } from "node:http";
import { type RequestOptions, request as secureRequest } from "node:https";
import { connect, type Socket } from "node:net";
import { afterEach, beforeAll, expect, test } from "vitest";
import { type Certificates, makeCertificates, pem } from "../../../tests/registry/setup/certificates.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { JsonEvent } from "../../model/events/json-event.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { type K8sAuditServer, type K8sAuditServerOptions, serveK8sAudit } from "./serve-k8s-audit.ts";

const auditEvent = (id: string): object => ({
  kind: "Event",
  apiVersion: "audit.k8s.io/v1",
  auditID: id,
  stage: "ResponseComplete",
  verb: "get",
  stageTimestamp: "2024-05-01T10:00:00.000001Z",
});
const eventList = (...ids: string[]): string =>
  JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", items: ids.map(auditEvent) });

const folder = temporaryFolder();
const open: K8sAuditServer[] = [];
let certificates: Certificates;

beforeAll(() => {
  certificates = makeCertificates(folder);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

test("the events of a posted list come out in order, as one batch a request", async () => {
  const { server, batches } = await startedAndRead();
  expect(await post(server, eventList("a", "b"))).toBe(200);
  expect(await post(server, eventList("c"))).toBe(200);
  expect(
    batches.map((batch) => batch.map(({ value, number }) => [(value as { auditID: string }).auditID, number])),
  ).toEqual([
    [
      ["a", 1],
      ["b", 2],
    ],
    [["c", 3]],
  ]);
  expect(batches[0]?.[0]).toMatchObject({ source: "k8s_audit", time: 1714557600000001000n });
});

test("the query that the API server adds does not matter", async () => {
  const { server } = await startedAndRead();
  expect(await post(server, eventList("a"), { path: "/k8s-audit?timeout=30s" })).toBe(200);
});

test("health can be asked for, and nothing else can be got", async () => {
  const { server } = await started();
  expect(await post(server, "", { path: "/healthz", method: "GET" })).toBe(200);
  expect(await post(server, "", { method: "GET" })).toBe(405);
  expect(await post(server, eventList("a"), { path: "/elsewhere" })).toBe(404);
  expect(await post(server, eventList("a"), { headers: { "content-type": "text/plain" } })).toBe(415);
  expect(await post(server, eventList("a"), { headers: { "content-encoding": "gzip" } })).toBe(415);
  expect(server.statistics.refused).toEqual({ 404: 1, 405: 1, 415: 2 });
});

test("what is not JSON or no audit event is a problem and gets 400; the rest goes on", async () => {
  const { server, problems, batches } = await startedAndRead();
  expect(await post(server, "{")).toBe(400);
  expect(await post(server, '{"kind":0}')).toBe(400);
  expect(await post(server, `${"[".repeat(100_000)}${"]".repeat(100_000)}`)).toBe(400);
  expect(await post(server, eventList("a"))).toBe(200);
  expect(problems).toHaveLength(3);
  expect(batches).toHaveLength(1);
});

test("a body beyond the limit gets 413, whether it says so before or not", async () => {
  const { server } = await started({ limits: { bodyBytes: 1000 } });
  const large = eventList("x".repeat(2000));
  expect(await post(server, large)).toBe(413);
  expect(await post(server, large, { headers: { "transfer-encoding": "chunked" } })).toBe(413);
});

test("when nobody takes events the queue fills, the answer is 429, and afterwards it goes on", async () => {
  const { server } = await started({ limits: { queuedBytes: 6000, bodyBytes: 1000 } });
  const body = eventList("x".repeat(500));
  const accepted = Array.from({ length: 4 }, () => post(server, body));
  await expect.poll(() => server.statistics.events).toBe(4);
  for (let count = 0; count < 4; count++) expect(await post(server, body)).toBe(429);
  const batches = readAll(server);
  expect(await Promise.all(accepted)).toEqual([200, 200, 200, 200]);
  expect(await post(server, body)).toBe(200);
  expect(batches).toHaveLength(5);
});

test("after closing, what was received is still handed out and the reader ends", async () => {
  const { server } = await started();
  const answer = expect(post(server, eventList("a"))).rejects.toThrow();
  await expect.poll(() => server.statistics.events).toBe(1);
  await server.close();
  await answer;
  const batches: (readonly JsonEvent[])[] = [];
  for await (const batch of server.batches) batches.push(batch);
  expect(batches).toHaveLength(1);
});

test("a request is acknowledged only after the reader has finished with its events", async () => {
  const { server } = await started();
  let isAnswered = false;
  const answer = post(server, eventList("a")).then((status) => {
    isAnswered = true;
    return status;
  });
  const batches = server.batches[Symbol.asyncIterator]();
  expect((await batches.next()).value).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(isAnswered).toBe(false);
  const next = batches.next();
  expect(await answer).toBe(200);
  await server.close();
  expect((await next).done).toBe(true);
});

test("the signal closes the server", async () => {
  const controller = new AbortController();
  const { server } = await started({}, controller.signal);
  const reading = (async () => {
    for await (const _ of server.batches);
  })();
  controller.abort();
  await reading;
  await expect(post(server, eventList("a"))).rejects.toThrow();
});

test("TLS is spoken, and with an authority for clients only those with a certificate are heard", async () => {
  const { server, ca, client } = await startedSecurely();
  expect(await post(server, eventList("a"), { ca, ...client })).toBe(200);
  await expect(post(server, eventList("b"), { ca })).rejects.toThrow();
  expect(server.statistics.events).toBe(1);
});

test("a client that sends its header slowly, or its body, is cut off, and others are served meanwhile", async () => {
  const { server } = await startedAndRead({ limits: { headerTime: 300, requestTime: 500 } });
  const slow = socketTo(server, "POST /k8s-audit HTTP/1.1\r\nHost: x\r\n");
  const slower = socketTo(
    server,
    "POST /k8s-audit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
  );
  expect(await post(server, eventList("a"))).toBe(200);
  await Promise.all([ended(slow), ended(slower)]);
  expect(await post(server, eventList("b"))).toBe(200);
});

test("endless bytes are cut off at the limit without being kept", async () => {
  const { server } = await startedAndRead({ limits: { bodyBytes: 1024 * 1024 } });
  const socket = socketTo(
    server,
    "POST /k8s-audit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  const before = process.memoryUsage().arrayBuffers;
  let sent = 0;
  const piece = Buffer.from(`10000\r\n${"x".repeat(0x10000)}\r\n`);
  const flood = (): void => {
    while (!socket.destroyed && socket.write(piece)) sent += piece.length;
  };
  socket.on("drain", flood);
  flood();
  await ended(socket);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  expect(server.statistics.refused).toEqual({ 413: 1 });
  expect(sent).toBeGreaterThan(1024 * 1024);
  expect(await post(server, eventList("a"))).toBe(200);
});

test("a hundred thousand requests are answered, and all their events come out", async () => {
  const { server } = await started();
  const total = 100_000;
  const connections = 10;
  const body = eventList("a");
  const request = `POST /k8s-audit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const reading = (async () => {
    let events = 0;
    for await (const batch of server.batches) {
      events += batch.length;
      if (events === total) return events;
    }
    return events;
  })();
  const block = request.repeat(1000);
  const sending = Array.from({ length: connections }, async () => {
    const socket = socketTo(server, "");
    for (let count = 0; count < total / connections / 1000; count++) {
      if (!socket.write(block)) await new Promise((resolve) => socket.once("drain", resolve));
    }
    return socket;
  });
  const sockets = await Promise.all(sending);
  expect(await reading).toBe(total);
  expect(server.statistics).toEqual({ requests: total, refused: {}, events: total });
  for (const socket of sockets) socket.destroy();
});

test("more connections than allowed are not served", async () => {
  const { server } = await started({ limits: { connections: 2 } });
  const first = socketTo(server, "GET ");
  const second = socketTo(server, "GET ");
  await Promise.all([connected(first), connected(second)]);
  const third = socketTo(server, "GET ");
  await ended(third);
  first.destroy();
  second.destroy();
});

test("an address that is not an address is wrong usage, and one that is taken is unavailable", async () => {
  const { server } = await started();
  await expect(started({ address: "9765" })).rejects.toMatchObject({ code: "usage" });
  await expect(started({ address: "127.0.0.1:99999" })).rejects.toMatchObject({ code: "usage" });
  await expect(started({ address: server.address })).rejects.toMatchObject({ code: "address-unavailable" });
  await expect(started({ tls: { key: "no key", cert: "no certificate" } })).rejects.toMatchObject({ code: "usage" });
});

async function started(
  options: Partial<K8sAuditServerOptions> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<{ server: K8sAuditServer; problems: Problem[] }> {
  const problems: Problem[] = [];
  const context = { signal, problem: (problem: Problem) => problems.push(problem) };
  const server = await serveK8sAudit({ address: "127.0.0.1:0", context, ...options });
  open.push(server);
  return { server, problems };
}

async function startedSecurely(): Promise<{
  server: K8sAuditServer;
  ca: string;
  client: { key: string; cert: string };
}> {
  const ca = pem(certificates.authority.certificate);
  const { server } = await startedAndRead({
    tls: { key: pem(certificates.server.key), cert: pem(certificates.server.certificate), clientCa: ca },
  });
  return { server, ca, client: { key: pem(certificates.client.key), cert: pem(certificates.client.certificate) } };
}

/** A server whose batches are taken as they come; those of a request are there when it is acknowledged. */
async function startedAndRead(
  options: Partial<K8sAuditServerOptions> = {},
): Promise<Awaited<ReturnType<typeof started>> & { batches: readonly (readonly JsonEvent[])[] }> {
  const { server, problems } = await started(options);
  return { server, problems, batches: readAll(server) };
}

function readAll(server: K8sAuditServer): readonly (readonly JsonEvent[])[] {
  const batches: (readonly JsonEvent[])[] = [];
  void (async () => {
    for await (const batch of server.batches) batches.push(batch);
  })();
  return batches;
}

/** The status of the answer; the body may not have been read by the server. */
function post(server: K8sAuditServer, body: string, options: RequestOptions = {}): Promise<number> {
  const request = options.ca === undefined ? plainRequest : secureRequest;
  const { host, port } = hostAndPort(server);
  return new Promise((resolve, reject) => {
    const { headers = {}, ...rest } = options;
    const sent = request(
      {
        host,
        port,
        method: "POST",
        path: "/k8s-audit",
        agent: false,
        headers: { "content-type": "application/json", ...(headers as Record<string, string>) },
        ...rest,
      },
      (answer) => {
        resolve(answer.statusCode ?? 0);
        answer.resume();
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

function hostAndPort(server: K8sAuditServer): { host: string; port: number } {
  const [host = "", port = ""] = server.address.split(":");
  return { host, port: Number(port) };
}

function socketTo(server: K8sAuditServer, text: string): Socket {
  const socket = connect(hostAndPort(server));
  socket.on("error", () => {});
  socket.resume();
  if (text !== "") socket.write(text);
  return socket;
}

function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once("close", () => resolve());
  });
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (!socket.connecting) resolve();
    else socket.once("connect", () => resolve());
  });
}
