import fc from "fast-check";
import { expect, test } from "vitest";
import { type Challenge, challengesOf, parseChallenges, realmOf } from "./challenge.ts";

const bearer = (realm: string): Challenge => ({ scheme: "bearer", parameters: new Map([["realm", realm]]) });

test("base64 in place of parameters is passed over", () => {
  expect(parseChallenges('Negotiate YIIabc==, Basic realm="x"')?.map(({ scheme }) => scheme)).toEqual([
    "negotiate",
    "basic",
  ]);
  expect(parseChallenges("NTLM TlRMTVNTUAAC")?.map(({ scheme }) => scheme)).toEqual(["ntlm"]);
  for (const padding of ["=", "==", ""]) {
    expect(parseChallenges(`Negotiate oYG2MIG+/${padding} , Basic realm="x"`)).toEqual([
      { scheme: "negotiate", parameters: new Map() },
      { scheme: "basic", parameters: new Map([["realm", "x"]]) },
    ]);
  }
});

test("an unquoted address may have an equals sign", () => {
  const [challenge] = challengesOf("Bearer realm=https://a.test/token?x=1,service=r");
  expect(challenge?.parameters.get("realm")).toBe("https://a.test/token?x=1");
  expect(challenge?.parameters.get("service")).toBe("r");
});

test("of two parameters with one name the first counts", () => {
  expect(challengesOf('Basic realm="a", realm="b"')[0]?.parameters.get("realm")).toBe("a");
});

test("a damaged header does not take the others with it", () => {
  expect(challengesOf(['Bearer realm="', 'Basic realm="x"']).map(({ scheme }) => scheme)).toEqual(["basic"]);
  expect(challengesOf(undefined)).toEqual([]);
});

test("any text is read or refused", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseChallenges(text)));
  fc.assert(fc.property(fc.stringMatching(/^[a"\\,= ]*$/), (text) => void parseChallenges(text)));
  expect(parseChallenges("a".repeat(20_000))).toBeUndefined();
  expect(parseChallenges(" ,".repeat(8000))).toEqual([]);
});

test("a realm that is not an address sends the credential to the registry itself", () => {
  const rules = { registryHost: "registry.example.test" };
  expect(realmOf({ scheme: "bearer", parameters: new Map() }, rules)).toBeUndefined();
  expect(realmOf(bearer("Sonatype Nexus"), rules)).toBeUndefined();
  expect(realmOf(bearer("/service/token"), rules)).toBeUndefined();
});

test.each([
  ["ftp://a.test/", "not an http or https address"],
  ["file:///etc/passwd", "not an http or https address"],
  ["http://a.test/token", "plain http"],
  ["https://user:s3cret@a.test/token", "user name or password"],
  ["https://user@a.test/token", "user name or password"],
  ["https://:s3cret@a.test/token", "user name or password"],
  ["https://localhost/token", "not on the public internet"],
  ["https://auth.localhost./token", "not on the public internet"],
  ["https://2130706433/token", "not on the public internet"],
  ["https://[::ffff:169.254.169.254]/token", "not on the public internet"],
  ["https://198.51.100.7/token", "not on the public internet"],
  ["https://[2001:db8::7]/token", "not on the public internet"],
])("%s is not a realm to ask", (realm, reason) => {
  const answer = realmOf(bearer(realm), { registryHost: "registry.example.test" });
  const isPrivate = reason.startsWith("not on the public") && { isPrivate: true };
  expect(answer).toEqual({ refusal: expect.stringContaining(reason), ...isPrivate });
  expect(JSON.stringify(answer) ?? "").not.toContain("s3cret");
});

test("a private realm is allowed where the user vouches for its host", () => {
  const rules = { registryHost: "127.0.0.1:5000", insecure: true };
  expect(realmOf(bearer("http://127.0.0.1:5001/token"), rules)).toHaveProperty("refusal");
  expect(realmOf(bearer("http://127.0.0.1:5001/token"), { ...rules, trustedHosts: ["127.0.0.1:5001"] })).toMatchObject({
    trusted: true,
  });
  const below = { ...rules, trustedHosts: ["*.localhost:5001"] };
  expect(realmOf(bearer("http://tokens.localhost:5001/token"), below)).toMatchObject({ trusted: true });
  expect(realmOf(bearer("http://localhost:5001/token"), below)).toHaveProperty("refusal");
});

test("a registry that speaks http because it is on this machine sends nobody elsewhere over http", () => {
  const rules = {
    registryHost: "localhost:5000",
    insecure: true,
    plainElsewhere: (host: string) => host === "named.test:81",
  };
  for (const realm of ["http://localhost:5000/token", "https://a.test/token", "http://named.test:81/token"])
    expect(realmOf(bearer(realm), rules)).toHaveProperty("url");
  for (const host of [
    "a.test",
    "named.test",
    "named.test:82",
    "0.0.0.0:5000",
    "169.254.169.254",
    "[::ffff:127.0.0.1]",
  ]) {
    const plainHost = new URL(`http://${host}`).host;
    const refusal = `its token server ${plainHost} uses plain http`;
    const trustedHosts = [host];
    expect(realmOf(bearer(`http://${host}/token`), { ...rules, trustedHosts })).toEqual({ refusal, plainHost });
  }
  for (const host of ["127.0.0.1:5001", "[::1]:5001", "tokens.localhost"])
    expect(realmOf(bearer(`http://${host}/token`), { ...rules, trustedHosts: [host] })).toMatchObject({
      trusted: true,
    });
});

test("a registry that speaks http because the user allows it may send elsewhere over http", () => {
  const rules = { registryHost: "registry.test:5000", insecure: true };
  expect(realmOf(bearer("http://a.test/token"), rules)).toMatchObject({ trusted: false });
});

test("another public host is allowed and not trusted", () => {
  expect(realmOf(bearer("https://auth.docker.io/token"), { registryHost: "registry-1.docker.io" })).toMatchObject({
    trusted: false,
  });
});

test("another port of the registry's own host is allowed on a private network, and not on this machine", () => {
  const realmFor = (host: string): unknown =>
    realmOf(bearer(`https://${host}/token`), { registryHost: `${host}:5050` });
  for (const host of ["10.0.0.1", "[fd00::1]", "gitlab.lan"]) expect(realmFor(host)).toHaveProperty("url");
  for (const host of ["127.0.0.1", "localhost", "169.254.169.254"]) expect(realmFor(host)).toHaveProperty("refusal");
});
