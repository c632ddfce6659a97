import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ErrorCode, PlimsollError } from "../../model/error.ts";
import type { CredentialSource } from "../credentials/credential.ts";
import { withVendorCredentials } from "./vendor-credentials.ts";

const registry = "contoso.azurecr.io";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: 0 }));
afterEach(() => void vi.useRealTimers());

const nothingRuns = { runProgram: () => Promise.resolve(undefined), signal: new AbortController().signal };

/** Credentials of an account whose cloud fails in one way, and how often that was asked. */
function failingWith(code: ErrorCode): { readonly source: CredentialSource; readonly asked: () => number } {
  let count = 0;
  const connect = () => ({
    name: "the cloud",
    ask: () => {
      count++;
      return Promise.reject(new PlimsollError(code, "it failed"));
    },
  });
  const environment = {
    ...{ AZURE_TENANT_ID: "t", AZURE_CLIENT_ID: "c", AZURE_CLIENT_SECRET: "s" },
    ...{ AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "s" },
  };
  const accounts = { environment, home: "/none", connect, connectDirectly: connect, ...nothingRuns };
  return { source: withVendorCredentials({ find: async () => undefined }, accounts), asked: () => count };
}

test.each<[ErrorCode, number]>([
  ["registry-unreachable", 10],
  ["registry-failed", 10],
  ["registry-refused", 300],
])("after %s the cloud is asked again when %d seconds have passed, and not before", async (code, seconds) => {
  const { source, asked } = failingWith(code);
  const find = (): Promise<unknown> => source.find(registry, "app");
  expect(await find()).toBeUndefined();
  const once = asked();
  expect(once).toBeGreaterThan(0);
  vi.setSystemTime(seconds * 1000 - 1);
  expect(await find()).toBeUndefined();
  expect([asked(), source.obstacle?.(registry)?.code]).toEqual([once, code]);
  vi.setSystemTime(seconds * 1000);
  expect(await find()).toBeUndefined();
  expect(asked()).toBe(2 * once);
});

test.each<[ErrorCode, boolean]>([
  ["registry-unreachable", true],
  ["registry-failed", true],
  ["registry-refused", false],
  ["cancelled", false],
])(
  "where no stranger may read, %s of the cloud ends each request, and is remembered for a moment: %s",
  async (code, kept) => {
    const { source, asked } = failingWith(code);
    const find = (name: string) => source.find("123456789012.dkr.ecr.eu-west-1.amazonaws.com", name);
    for (const name of ["a", "b", "c"]) await expect(find(name)).rejects.toMatchObject({ code });
    expect(asked()).toBe(kept ? 1 : 3);
    vi.setSystemTime(10_000);
    await expect(find("d")).rejects.toMatchObject({ code });
    expect(asked()).toBe(kept ? 2 : 4);
  },
);
