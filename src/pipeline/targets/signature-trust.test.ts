import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { builtInRoot, openSignaturePolicy, type SignatureTrust } from "./signature-trust.ts";

const folder = temporaryFolder();
const keyFile = join(folder, "cosign.pub");
const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
writeFileSync(keyFile, publicKey.export({ type: "spki", format: "pem" }));
const identity = { identity: "https://github.com/owner/*", issuer: "https://token.example.test" };

function trust(changes: Partial<SignatureTrust>): SignatureTrust {
  const { signal } = new AbortController();
  return { keyFiles: [], identities: [], rootFolder: join(folder, "root"), proxies: {}, signal, ...changes };
}

test("whoever trusts nobody, or everybody, is told so", () => {
  expect(() => openSignaturePolicy(trust({}))).toThrow(/no trusted signer given/);
  for (const one of [{ identity: "*" }, { issuer: "**" }, { identity: "" }]) {
    const identities = [{ ...identity, ...one }];
    expect(() => openSignaturePolicy(trust({ identities }))).toThrow(/would trust every signer/);
  }
});

test("a key that is given twice is one key", () => {
  expect(openSignaturePolicy(trust({ keyFiles: [keyFile, keyFile] })).keys).toHaveLength(1);
});

test("a file that is not there, is a folder or holds no key is an error that names it", () => {
  mkdirSync(join(folder, "keys"));
  writeFileSync(join(folder, "text"), "hello");
  writeFileSync(join(folder, "large"), Buffer.alloc(5 * 1024 * 1024));
  for (const [name, code] of [
    ["missing", "target-not-found"],
    ["keys", "target-unreadable"],
    ["large", "limit-exceeded"],
    ["text", "file-malformed"],
  ]) {
    const path = join(folder, name ?? "");
    expect(() => openSignaturePolicy(trust({ keyFiles: [path] }))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(path) }),
    );
  }
});

test("a key in place of its file does not show, nor does a root", () => {
  const secret = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });
  for (const [setting, changes] of [
    ["--key", { keyFiles: [String(secret)] }],
    ["--trusted-root", { identities: [identity], trustedRoot: '{"mediaType": "x"}' }],
  ] as const) {
    expect(() => openSignaturePolicy(trust(changes))).toThrow(
      expect.objectContaining({
        code: "usage",
        message: expect.stringMatching(`^${setting} requires the path of a file`),
      }),
    );
  }
  expect(() => openSignaturePolicy(trust({ keyFiles: [String(secret)] }))).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining(String(secret).split("\n")[1] ?? "none") }),
  );
});

test.each(["awskms:///alias/app", "k8s://team/key", "https://user:marker@example.test/cosign.pub"])(
  "the address %s of a key is refused, with what to do",
  (address) => {
    expect(() => openSignaturePolicy(trust({ keyFiles: [address] }))).toThrow(
      expect.objectContaining({
        code: "usage",
        message: expect.not.stringContaining("marker"),
        hint: expect.stringContaining("as a file"),
      }),
    );
  },
);

test("the trusted root is the file that is given, or the one that ships with the program", async () => {
  const path = join(folder, "root.json");
  const mediaType = "application/vnd.dev.sigstore.trustedroot+json;version=0.1";
  const root = JSON.stringify({ mediaType, certificateAuthorities: [{ certChain: { certificates: [{}] } }] });
  writeFileSync(path, root);
  const given = openSignaturePolicy(trust({ identities: [identity], trustedRoot: path }));
  expect(Buffer.from((await given.trustedRoot?.()) ?? "").toString()).toBe(root);
  writeFileSync(path, "{}");
  expect(() => openSignaturePolicy(trust({ keyFiles: [keyFile], trustedRoot: path }))).toThrow(
    expect.objectContaining({
      code: "file-malformed",
      message: "the trusted root cannot be used: it is not a trusted root document",
    }),
  );
  const builtIn = openSignaturePolicy(trust({ identities: [identity], trustedRoot: builtInRoot }));
  expect(Buffer.from((await builtIn.trustedRoot?.()) ?? "").toString()).toContain("certificateAuthorities");
  const missing = trust({ identities: [identity], trustedRoot: join(folder, "no-root.json") });
  expect(() => openSignaturePolicy(missing)).toThrow(/no-root\.json does not exist/);
});
