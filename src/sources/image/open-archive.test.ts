import { readdirSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { openStreamedArchive } from "./open-archive.ts";

const folder = temporaryFolder();

afterEach(() => vi.unstubAllEnvs());

test("an engine that sends without an end is not listened to for ever, and nothing is left behind", async () => {
  vi.stubEnv("TMPDIR", folder);
  let sent = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (; sent < 1000; sent++) yield Buffer.alloc(100_000);
  }
  const opening = openStreamedArchive(endless(), {
    name: "the image a",
    largest: 1_000_000,
    signal: new AbortController().signal,
    verifyDigests: false,
  });
  await expect(opening).rejects.toMatchObject({
    code: "limit-exceeded",
    message: "the image a has more than 1000000 bytes",
  });
  expect(sent).toBe(10);
  expect(readdirSync(folder)).toEqual([]);
});
