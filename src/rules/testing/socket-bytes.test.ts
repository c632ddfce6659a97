import { expect, test } from "vitest";
import { readSocketText, type SocketText, socketAddressBytes, socketTupleBytes } from "./socket-bytes.ts";

test("both ends of connections and paths of Unix sockets are written as the kernel side does", () => {
  expect(socketTupleBytes(read("10.0.0.5:50000->1.2.3.4:443")).toString("hex")).toBe("020a00000550c301020304bb01");
  expect(socketTupleBytes(read("1.2.3.4:443")).toString("hex")).toBe("0200000000000001020304bb01");
  expect(socketAddressBytes(read("10.0.0.5:1->1.2.3.4:443")).toString("hex")).toBe("0201020304bb01");
  expect(socketAddressBytes(read("[::1]:80")).toString("hex")).toBe("0a000000000000000000000000000000015000");
  expect(socketAddressBytes(read("[::ffff:1.2.3.4]:80")).toString("hex")).toBe(
    "0a00000000000000000000ffff010203045000",
  );
  expect(socketAddressBytes(read("[2001:db8::9]:80")).toString("hex")).toBe("0a20010db80000000000000000000000095000");
  expect(socketAddressBytes(read("unix:/run/x")).toString("hex")).toBe("012f72756e2f7800");
  expect(socketTupleBytes(read("unix:/x")).toString("hex")).toBe(`01${"00".repeat(16)}2f7800`);
});

test("what is not an address is not read as one", () => {
  for (const text of [
    "",
    "1.2.3.4",
    "1.2.3:80",
    "1.2.3.4:70000",
    "[::g]:1",
    "::1:80",
    "1.2.3.4:1->[::1]:2",
    "a->b->c",
    "1.2.3.4:1->",
  ]) {
    expect(readSocketText(text), text).toBeUndefined();
  }
});

function read(text: string): SocketText {
  const socket = readSocketText(text);
  if (socket === undefined) throw new Error(`${text} is not read`);
  return socket;
}
