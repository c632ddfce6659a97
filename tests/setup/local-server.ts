import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Serves on this machine until the test has ended. Returns `http://127.0.0.1:PORT`. */
export async function serveLocally(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listenLocally(createServer(listener))}`;
}

/** Lets a server of any protocol listen on this machine until the test has ended. Returns its port. */
export async function listenLocally(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
