import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { isNotificationSigned, type NotificationSigner, type SignedNotification } from "./notification-signature.ts";

const secret = "s3cr3t";
const body = '{"action":"push"}';
const hmac = createHmac("sha256", secret).update(body).digest("hex");
const signed: SignedNotification = {
  signer: "ghcr",
  headers: { "X-Hub-Signature-256": `sha256=${hmac}` },
  body,
  secret,
};

test("a signature over the body is accepted whatever case its header's name has", () => {
  expect(isNotificationSigned(signed)).toBe(true);
  expect(isNotificationSigned({ ...signed, headers: { "x-hub-signature-256": [`sha256=${hmac}`] } })).toBe(true);
  expect(isNotificationSigned({ ...signed, body: `${body} ` })).toBe(false);
});

test.each<[string, Partial<SignedNotification>]>([
  ["no header", { headers: {} }],
  ["a header without a value", { headers: { "x-hub-signature-256": undefined } }],
  ["the header twice", { headers: { "x-hub-signature-256": [`sha256=${hmac}`, "x"] } }],
  ["the header in two cases", { headers: { ...signed.headers, "x-hub-signature-256": "x" } }],
  ["two values in one header", { headers: { "x-hub-signature-256": `sha256=${hmac}, sha256=${hmac}` } }],
  ["the hash without its name", { headers: { "x-hub-signature-256": hmac } }],
  ["the header of another signer", { signer: "gitea" }],
  ["a signer that there is not", { signer: "constructor" as NotificationSigner }],
])("%s proves nothing", (_, part) => {
  expect(isNotificationSigned({ ...signed, ...part })).toBe(false);
});

test("an empty secret is not a secret", () => {
  const empty = createHmac("sha256", "").update(body).digest("hex");
  const headers = { "x-hub-signature-256": `sha256=${empty}`, authorization: "", "x-webhook-secret": "" };
  for (const signer of ["ghcr", "harbor", "generic"] as const) {
    expect(isNotificationSigned({ signer, headers, body, secret: "" })).toBe(false);
  }
});

test("a secret with any characters is compared whole", () => {
  const long = `sécret ${"\u{1f512}".repeat(1000)}`;
  const harbor = { signer: "harbor", body, secret: long } as const;
  expect(isNotificationSigned({ ...harbor, headers: { authorization: long } })).toBe(true);
  expect(isNotificationSigned({ ...harbor, headers: { authorization: long.slice(0, -2) } })).toBe(false);
  expect(isNotificationSigned({ ...harbor, headers: { authorization: "\ud800" } })).toBe(false);
});
