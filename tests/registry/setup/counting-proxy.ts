import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { listen } from "./fake-registry.ts";

/** A registry behind which another one stands, and that counts what it is asked for. */
export interface CountingProxy {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** `GET /v2/NAME/blobs/DIGEST` and its like, in order, without queries. */
  readonly requests: string[];
  /** Called before a request is passed on; true when it has answered. Change it at will. */
  intercept: (path: string, response: ServerResponse) => boolean | Promise<boolean>;
}

/** Starts a proxy before a registry at `host`. Call it in a test: it stops when the test is done. */
export async function countingProxy(target: string): Promise<CountingProxy> {
  const [hostname, port] = target.split(":");
  const proxy: Omit<CountingProxy, "host"> = { requests: [], intercept: () => false };
  const pass = (incoming: IncomingMessage, response: ServerResponse): void => {
    const { method, url: path, headers } = incoming;
    const onward = request({ hostname, port, method, path, headers: { ...headers, host: target } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    incoming.pipe(onward);
  };
  const server = createServer(async (incoming, response) => {
    const path = (incoming.url ?? "").replace(/\?.*$/s, "");
    proxy.requests.push(`${incoming.method} ${path}`);
    if (!(await proxy.intercept(path, response))) pass(incoming, response);
  });
  return Object.assign(proxy, { host: await listen(server) });
}
