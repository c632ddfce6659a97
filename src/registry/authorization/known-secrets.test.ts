import { expect, test } from "vitest";
import { Secret } from "../credentials/secret.ts";
import { KnownSecrets } from "./known-secrets.ts";

const basic = (username: string, password: string) =>
  ({ kind: "basic", username, password: new Secret(password) }) as const;

test("what a credential shows is hidden, whatever its kind, and stays so", () => {
  const secrets = new KnownSecrets();
  secrets.addCredential(basic("ada", "pa55/word"));
  secrets.addCredential({ kind: "identity-token", token: new Secret("refresh-token") });
  secrets.addCredential({ kind: "registry-token", token: new Secret("registry-token") });
  for (let index = 0; index < 1000; index++) secrets.addToken(`token-${index}-`);
  expect(secrets.hide("ada:pa55%2Fword, refresh-token, Bearer registry-token")).toBe(
    "ada:[secret], [secret], [secret]",
  );
});

test("tokens are hidden as long as they may be of use: the last ones", () => {
  const secrets = new KnownSecrets();
  for (let index = 0; index < 100; index++) secrets.addToken(`token-${index}-`);
  expect(secrets.hide("token-99- and token-50- and token-1-")).toBe("[secret] and [secret] and token-1-");
  secrets.addToken("token-50-");
  for (let index = 100; index < 150; index++) secrets.addToken(`token-${index}-`);
  expect(secrets.hide("token-50-")).toBe("[secret]");
});

test("of an address what may be a signature is hidden, and no digest", () => {
  const secrets = new KnownSecrets();
  const digest = `sha256:${"1".repeat(64)}`;
  secrets.addAddress(new URL(`https://store.test/path?X-Amz-Signature=0a1b2c3d4e&n=100&digest=${digest}`));
  expect(secrets.hide(`0a1b2c3d4e at 100 of ${digest} in path`)).toBe(`[secret] at 100 of ${digest} in path`);
});

test("a proxy's password is hidden, and one that is too short where it stands as a word", () => {
  expect(new KnownSecrets({ HTTPS_PROXY: "http://ada:pa55word@p.test" }).hide("no pa55word")).toBe("no [secret]");
  const secrets = new KnownSecrets();
  secrets.addCredential(basic("ada", "abc"));
  expect(secrets.hide("abc: the password 'abc' is wrong, says abcd of team-abc")).toBe(
    "[secret]: the password '[secret]' is wrong, says abcd of team-[secret]",
  );
  expect(secrets.hide("the password is wrong")).toBe("the password is wrong");
  secrets.addCredential(basic("ada", ""));
  expect(secrets.hide("the password is wrong")).toBe("the password is wrong");
});
