import { describe, expect, test } from "vitest";
import { PlimsollError } from "../../model/error.ts";
import { parseDockerHost } from "./docker-host.ts";

describe("parseDockerHost", () => {
  test.each([
    ["unix:///var/run/docker.sock", { kind: "socket", path: "/var/run/docker.sock" }],
    ["unix://run/docker.sock", { kind: "socket", path: "run/docker.sock" }],
    ["npipe:////./pipe/docker_engine", { kind: "socket", path: "\\\\.\\pipe\\docker_engine" }],
  ])("reads the local address %s", (value, expected) => {
    expect(parseDockerHost(value, false)).toEqual(expected);
  });

  test.each([
    ["tcp://build.example:2375", false, { secure: false, host: "build.example", port: 2375, base: "" }],
    ["127.0.0.1:5995", false, { secure: false, host: "127.0.0.1", port: 5995, base: "" }],
    ["[::1]:5995", true, { secure: true, host: "::1", port: 5995, base: "" }],
    ["tcp://build.example", false, { secure: false, host: "build.example", port: 2375, base: "" }],
    ["tcp://build.example", true, { secure: true, host: "build.example", port: 2376, base: "" }],
    ["tcp://build.example:80", false, { secure: false, host: "build.example", port: 80, base: "" }],
    ["tcp://[::1]:4000", true, { secure: true, host: "::1", port: 4000, base: "" }],
    ["tcp://build.example:1/engines/a/", false, { secure: false, host: "build.example", port: 1, base: "/engines/a" }],
    ["http://build.example:8", true, { secure: false, host: "build.example", port: 8, base: "" }],
    ["https://build.example:8", false, { secure: true, host: "build.example", port: 8, base: "" }],
  ])("reads the network address %s with TLS %s", (value, secure, expected) => {
    expect(parseDockerHost(value, secure)).toEqual({ kind: "network", ...expected });
  });

  test("takes the engine's usual place for an empty value", () => {
    expect(parseDockerHost("", false)).toMatchObject({ kind: "socket" });
  });

  test.each([
    "docker",
    "fd://",
    "unix://",
    "tcp://",
    "tcp://a:b@host:1",
    "tcp://host:99999",
    "tcp://host/?x=1",
    "unix:///a\0b",
  ])("refuses %j with a usage error that shows the form", (value) => {
    const failure = failureOf(() => parseDockerHost(value, false));
    expect(failure.code).toBe("usage");
    expect(failure.hint).toContain("unix:///var/run/docker.sock");
  });

  test.each([
    "u:s3cret@host:2375",
    "tcp://u:s3cret@host:2375",
    "tcp://u:s3/cret@host:1",
    "tcp://u:s3cret@x@host:1",
    "ssh://u:s3cret@host",
    "u:s3cret@tcp://host",
    "unknown+x://u:s3\ncret@host",
  ])("never shows the password of %j", (value) => {
    const { message, hint = "" } = failureOf(() => parseDockerHost(value, false));
    expect(message).toContain("host");
    expect(message + hint).not.toMatch(/s3|cret/);
  });

  test("refuses SSH and says how to reach such an engine", () => {
    const failure = failureOf(() => parseDockerHost("ssh://me@host", false));
    expect(failure.code).toBe("engine-unreachable");
    expect(failure.message).toContain("SSH");
    expect(failure.hint).toContain("ssh -L");
  });
});

function failureOf(action: () => unknown): PlimsollError {
  try {
    action();
  } catch (error) {
    if (error instanceof PlimsollError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
