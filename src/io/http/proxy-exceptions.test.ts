import { describe, expect, test } from "vitest";
import { proxyExceptions } from "./proxy-exceptions.ts";

/** Whether a host, asked over plain HTTP unless it is a whole address, is excepted. */
function isExcepted(host: string, list: string): boolean {
  return proxyExceptions(list)(new URL(host.includes("://") ? host : `http://${host}/`));
}

describe("a list of all kinds of entries", () => {
  const list = [
    "registry.test, .below.test, *.starred.test, 198.51.100.1, 198.51.100.2:81, 198.51.100.3:80, 192.0.2.0/30",
    "2001:db8::52:0:1, [2001:db8::52:0:2]:443, [2001:db8::52:0:3]:80, 2002:db8:a::45/64",
  ].join(", ");

  test.each([
    "localhost",
    "127.0.0.1",
    "127.0.0.2",
    "[::1]",
    "198.51.100.1",
    "198.51.100.3",
    "192.0.2.2",
    "[2001:db8::52:0:1]",
    "[2001:db8::52:0:3]",
    "[2002:db8:a::123]",
    "www.below.test",
    "registry.test",
    "REGISTRY.test",
    "www.registry.test",
    "nested.starred.test",
  ])("excepts %s", (host) => expect(isExcepted(host, list)).toBe(true));

  test.each([
    "[::2]",
    "198.51.100.2",
    "198.51.100.4",
    "192.0.2.4",
    "[2001:db8::52:0:2]",
    "[fe80::424b:c8be:1643:a1b6]",
    "below.test",
    "our-registry.test",
    "elow.test",
    "localhost.test",
    "local.localhost",
    "unbelow.test",
    "starred.test",
    "astarred.test",
  ])("does not except %s", (host) => expect(isExcepted(host, list)).toBe(false));
});

test.each([
  ["corp.test", "corp.test"],
  ["reg.corp.test:5000", "corp.test"],
  ["https://reg.corp.test", "corp.test:443"],
  ["http://reg.corp.test", "corp.test:80"],
  ["reg.corp.test:5000", "corp.test:5000"],
  ["reg.corp.test:5000", ".corp.test:5000"],
  ["reg.corp.test:5000", "*.corp.test:5000"],
  ["reg.corp.test", "corp.test:"],
  ["reg.corp.test", "other.test ,  corp.test\t,"],
  ["reg.corp.test", "CORP.Test"],
  ["192.0.2.77", "192.0.2.0/24"],
  ["192.0.2.77", "192.0.2.200/24"],
  ["192.0.2.77:5000", "192.0.2.77:5000"],
  ["192.0.2.77", "0.0.0.0/0"],
  ["192.0.2.77", "::ffff:192.0.2.77"],
  ["192.0.2.77", "::ffff:192.0.2.0/120"],
  ["[::ffff:192.0.2.77]", "192.0.2.0/24"],
  ["[::ffff:127.0.0.1]", ""],
  ["[::2]", "::ffff:192.0.2.0/64"],
  ["[2001:db8::1]", "2001:DB8::/32"],
  ["[2001:db8::1]:5000", "[2001:db8:0::1]:5000"],
  ["[2001:db8::1]", "[2001:db8::1]"],
  ["registry.test", "*"],
  ["192.0.2.77", "other.test, *"],
  ["[2001:db8::1]", " * "],
  ["www.bücher.test", "bücher.test"],
  ["www.bücher.test", ".bücher.test"],
  ["www.bücher.test", "xn--bcher-kva.test"],
  ["www.xn--bcher-kva.test", "bücher.test"],
])("%s is excepted by %j", (host, list) => expect(isExcepted(host, list)).toBe(true));

test.each([
  ["corp.test", ".corp.test"],
  ["corp.test", "*.corp.test"],
  ["corp.test", "reg.corp.test"],
  ["mycorp.test", "corp.test"],
  ["reg.corp.test:5000", "corp.test:443"],
  ["https://reg.corp.test", "corp.test:80"],
  ["https://reg.corp.test", "corp.test:https"],
  ["reg.corp.test", ":80"],
  ["reg.corp.test", "*:80"],
  ["reg.corp.test", "*corp.test"],
  ["reg.corp.test", "corp.test reg.corp.test"],
  ["192.0.2.77", "192.0.2.7,198.51.100.0/24"],
  ["192.0.2.77:5000", "192.0.2.77:443"],
  ["192.0.2.77:443", "192.0.2.0/24:443"],
  ["192.0.2.77", "192.0.2.0/33,192.0.2.0/,/8,192.0.2.0-192.0.2.255"],
  ["192.0.2.77", "::/0"],
  ["192.0.2.77", "77,.77,2.77,*.2.77"],
  ["192.0.2.77", "::ffff:192.0.2.0/24"],
  ["[2001:db8::1]", "0.0.0.0/0,fe80::/10,2001:db8::/129"],
  ["[2001:db8::1]", "2001:db8::1%eth0"],
  ["[2001:db8::1]:5000", "[2001:db8::1]:443"],
  ["registry.test", ""],
  ["registry.test", ","],
])("%s is not excepted by %j", (host, list) => expect(isExcepted(host, list)).toBe(false));
