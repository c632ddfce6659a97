import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** What a registry sent: the bodies as they came. */
export interface NotificationReceiver {
  readonly url: string;
  /** Takes the first body that fits, and waits for it some seconds. */
  take(fits: (event: TestEvent) => boolean): Promise<string>;
  stop(): Promise<void>;
}

/** An event of distribution, as far as tests look at it. */
export interface TestEvent {
  readonly action: string;
  readonly target: { readonly mediaType?: string; readonly repository: string; readonly tag?: string };
}

const patience = 10_000;

/** Starts a server on the loopback interface that keeps what is posted to it. */
export async function startNotificationReceiver(): Promise<NotificationReceiver> {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request.setEncoding("utf8")) body += piece as string;
    bodies.push(body);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    async take(fits) {
      for (const deadline = Date.now() + patience; Date.now() < deadline; await delay(20)) {
        const index = bodies.findIndex((body) => eventsIn(body).some(fits));
        if (index >= 0) return bodies.splice(index, 1)[0] ?? "";
      }
      throw new Error(`no such notification came within ${patience} ms`);
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function eventsIn(body: string): readonly TestEvent[] {
  return (JSON.parse(body) as { readonly events: readonly TestEvent[] }).events;
}
