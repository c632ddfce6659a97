import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DomainNameTable } from "./domain-name-table.ts";

const never = new AbortController().signal;
const v4 = (...bytes: readonly number[]): string => String.fromCharCode(...bytes);

/** A resolver that answers from `zone`, and what it was asked. */
function resolver(zone: Record<string, readonly string[]>): {
  readonly asked: string[];
  readonly lookUp: (name: string) => Promise<readonly string[]>;
} {
  const asked: string[] = [];
  return {
    asked,
    lookUp: async (name) => {
      asked.push(name);
      const found = zone[name];
      if (found === undefined) throw Object.assign(new Error("no"), { code: "ENOTFOUND" });
      return found;
    },
  };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("domain names that rules compare", () => {
  test("have all addresses of both families, and the name of an address is the first one of it", async () => {
    const { lookUp } = resolver({ "b.example": ["10.0.0.1", "fd00::1"], "a.example": ["10.0.0.1", "10.0.0.2"] });
    using table = new DomainNameTable(lookUp);
    expect(await table.use(["b.example", "a.example"], never)).toEqual(new Map());
    expect(table.addressesOf("b.example")).toEqual(new Set([v4(10, 0, 0, 1), `${v4(0xfd)}${"\0".repeat(14)}\u0001`]));
    expect(table.nameOf(v4(10, 0, 0, 1))).toBe("a.example");
    expect(table.nameOf(`${v4(0xfd)}${"\0".repeat(14)}\u0001`)).toBe("b.example");
    expect([table.nameOf(v4(10, 0, 0, 3)), table.addressesOf("c.example")]).toEqual([undefined, undefined]);
  });

  test("that nobody knows, and texts that are not names, are told with the reason", async () => {
    const { asked, lookUp } = resolver({ "::1": ["::1"] });
    using table = new DomainNameTable(lookUp);
    const unknown = await table.use(["gone.example", "no name", "x".repeat(300), "", "::1"], never);
    expect(Object.fromEntries(unknown)).toEqual({
      "gone.example": "the name could not be found",
      "no name": "it is not a domain name",
      ["x".repeat(300)]: "it is not a domain name",
      "": "it is not a domain name",
    });
    expect(asked).toEqual(["gone.example", "::1"]);
  });

  test("of other scripts are asked for as DNS has them", async () => {
    const { asked, lookUp } = resolver({ "xn--mnchen-3ya.example": ["10.0.0.1"] });
    using table = new DomainNameTable(lookUp);
    await table.use([Buffer.from("münchen.example").toString("latin1")], never);
    expect(asked).toEqual(["xn--mnchen-3ya.example"]);
  });

  test("are looked up two at a time, up to a thousand", async () => {
    let [underWay, most] = [0, 0];
    using table = new DomainNameTable(async () => {
      most = Math.max(most, ++underWay);
      await Promise.resolve();
      underWay--;
      return ["10.0.0.1"];
    });
    const unknown = await table.use(
      Array.from({ length: 1002 }, (_, index) => `n${index}.example`),
      never,
    );
    expect(most).toBe(2);
    expect([...unknown]).toEqual([
      ["n1000.example", "more than 1000 names are compared"],
      ["n1001.example", "more than 1000 names are compared"],
    ]);
  });

  test("are waited for no longer than five seconds, or until the signal", async () => {
    using table = new DomainNameTable(() => new Promise(() => undefined));
    const waiting = table.use(["slow.example"], never);
    await vi.advanceTimersByTimeAsync(5000);
    expect(Object.fromEntries(await waiting)).toEqual({ "slow.example": "no response within 5 seconds" });
    await table.use(["slow.example"], AbortSignal.abort());
  });

  test("are looked up again after 10 seconds, and later each time that they say the same", async () => {
    const zone: Record<string, readonly string[]> = { "a.example": ["10.0.0.1"] };
    const { asked, lookUp } = resolver(zone);
    using table = new DomainNameTable(lookUp);
    await table.use(["a.example"], never);
    await vi.advanceTimersByTimeAsync(9000);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(asked).toHaveLength(2);
    zone["a.example"] = ["10.0.0.9"];
    await vi.advanceTimersByTimeAsync(6000);
    expect(asked).toHaveLength(3);
    expect([...(table.addressesOf("a.example") ?? [])]).toEqual([v4(10, 0, 0, 9)]);
    expect(table.nameOf(v4(10, 0, 0, 1))).toBeUndefined();
    await vi.advanceTimersByTimeAsync(11_000);
    expect(asked).toHaveLength(4);
  });

  test("keep their addresses while they cannot be looked up", async () => {
    const zone: Record<string, readonly string[]> = { "a.example": ["10.0.0.1"] };
    using table = new DomainNameTable(resolver(zone).lookUp);
    await table.use(["a.example"], never);
    delete zone["a.example"];
    await vi.advanceTimersByTimeAsync(60_000);
    expect(table.nameOf(v4(10, 0, 0, 1))).toBe("a.example");
  });

  test("that rules do not compare any more are forgotten, and nothing is asked after the end", async () => {
    const { asked, lookUp } = resolver({ "a.example": ["10.0.0.1"], "b.example": ["10.0.0.2"] });
    const table = new DomainNameTable(lookUp);
    await table.use(["a.example"], never);
    await table.use(["b.example"], never);
    expect(table.addressesOf("a.example")).toBeUndefined();
    expect(table.nameOf(v4(10, 0, 0, 1))).toBeUndefined();
    table[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toEqual(["a.example", "b.example"]);
  });
});
