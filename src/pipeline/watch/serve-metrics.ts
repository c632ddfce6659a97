import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseListenAddress } from "../../io/http/parse-listen-address.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import type { AlertMetrics } from "../../rules/alerts/alert-metrics.ts";
import { metricsMediaType } from "../../rules/alerts/metrics-text.ts";

/** Metrics that Prometheus can fetch, until disposed of. */
export interface MetricsServer extends Disposable {
  /** `http://HOST:PORT/metrics`. */
  readonly url: string;
}

/** Serves `GET /metrics` on `HOST:PORT`; port 0 for any. Errors: `usage` for no such address, `address-unavailable`. */
export function serveMetrics(address: string, metrics: AlertMetrics): Promise<MetricsServer> {
  const { host, port } = parseListenAddress(address);
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5000 }, (request, response) => {
    if (request.url?.split("?")[0] !== "/metrics") response.writeHead(404).end();
    else if (request.method !== "GET" && request.method !== "HEAD")
      response.writeHead(405, { allow: "GET, HEAD" }).end();
    else response.writeHead(200, { "content-type": metricsMediaType }).end(metrics.render());
  });
  server.maxConnections = 16;
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const message = `metrics cannot be served on ${address}: ${reasonOf(cause)}`;
      reject(new PlimsollError("address-unavailable", message, { hint: "Choose another address.", cause }));
    });
    server.listen(port, host, () => {
      // A connection that cannot be accepted, as for want of a descriptor, ends nothing: the next one may be.
      server.on("error", () => undefined);
      server.unref();
      const bound = server.address() as AddressInfo;
      const shown = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
      resolve({ url: `http://${shown}:${bound.port}/metrics`, [Symbol.dispose]: () => void server.close() });
    });
  });
}
