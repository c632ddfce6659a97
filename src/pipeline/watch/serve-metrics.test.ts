import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Server } from "node:http";
import { expect, test } from "vitest";
import { AlertMetrics } from "../../rules/alerts/alert-metrics.ts";
import { serveMetrics } from "./serve-metrics.ts";

test("connections that cannot be accepted end nothing, however many, and later ones are answered", async () => {
  const servers: unknown[] = [];
  const note = (message: unknown): void => void servers.push(message);
  subscribe("tracing:net.server.listen:asyncEnd", note);
  using metrics = await serveMetrics("127.0.0.1:0", new AlertMetrics());
  unsubscribe("tracing:net.server.listen:asyncEnd", note);
  expect(servers).toEqual([expect.objectContaining({ server: expect.any(Server) })]);
  for (const { server } of servers as { server: Server }[]) {
    for (let time = 0; time < 3; time++) {
      server.emit("error", Object.assign(new Error("accept ENOBUFS"), { code: "ENOBUFS" }));
    }
  }
  expect((await fetch(metrics.url)).status).toBe(200);
});

test("an address that is taken is told as that", async () => {
  using metrics = await serveMetrics("127.0.0.1:0", new AlertMetrics());
  await expect(serveMetrics(new URL(metrics.url).host, new AlertMetrics())).rejects.toMatchObject({
    code: "address-unavailable",
  });
});
