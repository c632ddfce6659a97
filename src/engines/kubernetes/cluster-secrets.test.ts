import { expect, test } from "vitest";
import { ClusterSecrets } from "./cluster-secrets.ts";

const none = new ClusterSecrets({ user: {} });

test.each([
  ['headers: {"Authorization":"Bearer s3cret"}', 'headers: {"Authorization":[secret]}'],
  ["map[Accept:[*/*] Authorization:[Bearer s3cret] Host:[a]]", "map[Accept:[*/*] Authorization:[secret] Host:[a]]"],
  ["{'Authorization': 'Digest username=\"s3cret\"', 'Host': 'a'}", "{'Authorization': [secret], 'Host': 'a'}"],
  [
    "GET / HTTP/1.1\nproxy-authorization: Basic s3cret\nHost: a",
    "GET / HTTP/1.1\nproxy-authorization: [secret]\nHost: a",
  ],
  ['"HTTP_AUTHORIZATION"=>"Bearer s3cret"', '"HTTP_AUTHORIZATION"=>[secret]'],
  ['"{\\"authorization\\":\\"Bearer s3cret\\"}"', '"{\\"authorization\\":[secret]'],
  ["Cookie: session=s3cret; id=s3cret", "Cookie: [secret]"],
  ["X-Auth-Token: s3cret", "X-Auth-Token: [secret]"],
  ["refresh_token=s3cret", "refresh_token=[secret]"],
  ["no user for Bearer s3cret-of-the-proxy here", "no user for Bearer [secret] here"],
  ["eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.sig is old", "[secret] is old"],
  ["upstream https://me:s3cret@host/ is gone", "upstream https://[secret]@host/ is gone"],
])("what looks like somebody's secret is hidden: %s", (text, shown) => {
  expect(none.hide(text)).toBe(shown);
});

test.each([
  'pods is forbidden: User "system:serviceaccount:shop:viewer" cannot list resource "pods" in API group "" at the cluster scope',
  "Unauthorized",
  "the server wants Basic authentication or a Bearer token",
  "invalid bearer token, service account token has expired",
  "Hostname/IP does not match certificate's altnames: Host: a. is not in the cert's altnames: DNS:b",
])("what is not secret stays: %s", (text) => {
  expect(none.hide(text)).toBe(text);
});

test("a secret within a longer one does not keep the rest of that from being hidden", () => {
  const secrets = new ClusterSecrets({ user: { basic: { username: "admin", password: "admin-2026" } } });
  expect(secrets.hide("admin-2026 of admin")).toBe("[secret] of [secret]");
});

test("words that hold a secret too short to be told from other text are left out", () => {
  const secrets = new ClusterSecrets({ user: { basic: { username: "someone", password: "pw1" } } });
  expect(secrets.hide("pw1 is wrong")).toBe("");
  expect(secrets.hide("it is wrong")).toBe("it is wrong");
});

test("a password for a proxy is hidden as it is written and as it is meant", () => {
  const secrets = new ClusterSecrets({ user: {}, proxy: "http://someone:p%40ss%2Fword@proxy:3128" });
  const header = Buffer.from("someone:p@ss/word").toString("base64");
  expect(secrets.hide(`p@ss/word p%40ss%2Fword ${header}`)).toBe("[secret] [secret] [secret]");
});

test("what a plug-in gives is hidden from then on", () => {
  const secrets = new ClusterSecrets({ user: {} });
  secrets.add({ token: "given" });
  expect(secrets.hide("given")).toBe("[secret]");
});

test.each(["-", "a-", "Bearer ", "authorization", "eyJ", "://", "-----BEGIN ", "Bearer ////"])(
  "text made of %j does not hold it up",
  (piece) => {
    expect(none.hide(piece.repeat(1_000_000 / piece.length))).not.toBe("");
  },
);
