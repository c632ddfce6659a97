import { createServer, request as passOn } from "node:http";
import { basicAuthorization } from "../../src/io/http/basic-authorization.ts";
import { listen } from "../registry/setup/fake-registry.ts";
import type { MarkedSecret } from "./marked-secret.ts";

/** A proxy for plain HTTP alone, that lets nobody through without a password. */
export interface MarkedProxy {
  /** With the user and the password, as a variable has it. */
  readonly address: string;
  /** What it was shown. */
  readonly heard: Set<string>;
}

/**
 * Starts one that knows hosts by these names. What it passes on still has its own header, as that of some proxies does, so that who is asked may repeat
 * it. Call it in a test: it stops when the test is done.
 */
export async function markedProxy(secret: MarkedSecret, names: Readonly<Record<string, string>>): Promise<MarkedProxy> {
  const heard = new Set<string>();
  const expected = basicAuthorization({ username: "ada", password: secret.value });
  const server = createServer((incoming, response) => {
    const { method, url = "", headers } = incoming;
    const shown = headers["proxy-authorization"];
    if (shown !== expected) {
      response.writeHead(407, { "content-type": "text/plain" }).end(`the proxy knows nobody by ${shown}`);
      return;
    }
    heard.add(secret.value);
    const target = new URL(url);
    const known = names[target.host];
    if (known === undefined) {
      response.writeHead(403, { "content-type": "text/plain" }).end(`${shown} may not go to ${target.host}`);
      return;
    }
    target.host = known;
    const onward = passOn(target, { ...(method !== undefined && { method }), headers }, (answer) => {
      const { "transfer-encoding": _, connection: __, ...rest } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, rest);
      answer.pipe(response);
    });
    // A status that would be asked for again and again takes long.
    onward.on("error", () => response.writeHead(501).end("nobody answers there, or what answers is none"));
    incoming.pipe(onward);
  });
  server.on("connect", ({ headers }, socket) => {
    socket.on("error", () => undefined);
    socket.end(`HTTP/1.1 405 no tunnel for ${headers["proxy-authorization"]}\r\ncontent-length: 0\r\n\r\n`);
  });
  const host = await listen(server);
  return { address: `http://ada:${encodeURIComponent(secret.value)}@${host}`, heard };
}
