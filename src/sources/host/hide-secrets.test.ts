import { describe, expect, test } from "vitest";
import { hideInArguments, hideInJson, hideInText, isSecretName, shapeOf } from "./hide-secrets.ts";

const marker = "hunter2-Marker-7f3a9c";

describe("names", () => {
  test.each([
    "DB_PASSWORD",
    "token",
    "API_KEY",
    "aws_secret_access_key",
    "splunk-token",
    "registry-auth",
    "PGPASS",
    "client-secret",
  ])("%s is one of a secret", (name) => expect(isSecretName(name)).toBe(true));

  test.each([
    "tlskey",
    "service-account-key-file",
    "anonymous-auth-mode",
    "PATH",
    "token-auth-file",
    "passthrough",
    "authorization-mode",
  ])("%s is none", (name) => expect(isSecretName(name)).toBe(false));
});

describe("a text", () => {
  test.each([
    `PASSWORD=${marker} make`,
    `RUN curl -u user:${marker} https://x`,
    `curl --password ${marker} x`,
    `curl --header "Authorization: Bearer ${marker}"`,
    `https://user:${marker}@registry.example/v2/`,
    `https://${marker}@registry.example/v2/`,
    `{"auth": "${marker}"}`,
    `api_key: '${marker}'`,
    `-----BEGIN RSA PRIVATE KEY-----\n${marker}\n-----END RSA PRIVATE KEY-----`,
    `-----BEGIN PRIVATE KEY-----\n${marker}`,
    `echo AKIAIOSFODNN7EXAMPLE ghp_0123456789abcdefghij0123456789abcdef ${marker.replace(marker, "")}`,
    `Zm9vYmFyYmF6cXV4Q29ycmVjdEhvcnNl1234`,
  ])("hides the secret in %j", (text) => {
    const hidden = hideInText(text);
    expect(hidden).not.toContain(marker);
    expect(hidden).not.toMatch(/AKIA[0-9A-Z]|ghp_|Zm9vYmFy/);
    expect(hidden).toMatch(/<(?:\d+ characters|private key)>/);
  });

  test.each([
    "apt-get install -y curl",
    "COPY dir:abc in /app",
    "--secure=true /etc/docker/daemon.json",
    "tokens are fine",
  ])("stays as it is: %j", (text) => expect(hideInText(text)).toBe(text));

  test("of any length takes time that grows with it only", () => {
    const before = performance.now();
    for (const piece of [
      'a="',
      "--password ",
      "://a:b",
      "authorization: ",
      "-----BEGIN PRIVATE KEY",
      "x_",
      "token='",
    ]) {
      hideInText(piece.repeat(20_000));
    }
    expect(performance.now() - before).toBeLessThan(5000);
  });
});

describe("arguments", () => {
  test("keep settings and lose secrets", () => {
    const argv = [
      "/usr/bin/kubelet",
      "--anonymous-auth=false",
      "--tls-private-key-file=/k.pem",
      `--token=${marker}`,
      "--password",
      marker,
    ];
    expect(hideInArguments([...argv, "--token-auth-file", "/t.csv", `--proxy=http://u:${marker}@p:1`])).toEqual([
      "/usr/bin/kubelet",
      "--anonymous-auth=false",
      "--tls-private-key-file=/k.pem",
      "--token=<21 characters>",
      "--password",
      "<21 characters>",
      "--token-auth-file",
      "/t.csv",
      "--proxy=http://<23 characters>@p:1",
    ]);
  });
});

describe("JSON", () => {
  test("keeps its form, and loses secrets at any depth", () => {
    const settings = {
      "log-opts": { "splunk-token": marker, "splunk-url": "https://splunk:8088" },
      proxies: { "http-proxy": `http://u:${marker}@proxy:3128` },
      auths: { "registry.example": { auth: marker } },
      labels: [`password=${marker}`, "tier=shop"],
      secrets: { nested: [{ value: marker }] },
      icc: false,
      mtu: 1500,
    };
    const hidden = hideInJson(settings);
    expect(JSON.stringify(hidden)).not.toContain(marker);
    expect(hidden).toMatchObject({ icc: false, mtu: 1500, labels: ["password=<21 characters>", "tier=shop"] });
  });

  test("nested without end is cut", () => {
    let value: unknown = marker;
    for (let depth = 0; depth < 5000; depth++) value = [value];
    expect(JSON.stringify(hideInJson(value))).toContain("<too deep>");
  });
});

test("shapes tell the length, and nothing else", () => {
  expect([shapeOf(""), shapeOf("x"), shapeOf(marker), shapeOf("-----BEGIN EC PRIVATE KEY-----\nx")]).toEqual([
    "empty",
    "1 character",
    "21 characters",
    "private key",
  ]);
});
