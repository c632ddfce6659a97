import { describe, expect, test } from "vitest";
import type { DockerEndpoint } from "./docker-host.ts";
import { connectionFailure } from "./engine-failure.ts";

const socket: DockerEndpoint = { kind: "socket", path: "/run/docker.sock" };
const podman: DockerEndpoint = { kind: "socket", path: "/run/podman/podman.sock" };
const ownPodman: DockerEndpoint = { kind: "socket", path: "/run/user/7/podman/podman.sock" };
const network: DockerEndpoint = { kind: "network", secure: true, host: "::1", port: 2376, base: "" };

describe("connectionFailure", () => {
  test.each([
    ["ENOENT", socket, "no Docker Engine socket found at /run/docker.sock", "DOCKER_HOST"],
    ["EACCES", socket, "permission denied for the Docker Engine socket /run/docker.sock", "usermod -aG docker"],
    ["ENOENT", podman, "no Podman socket found at /run/podman/podman.sock", "podman.socket"],
    ["EACCES", podman, "permission denied for the Podman socket /run/podman/podman.sock", "sudo"],
    ["ECONNREFUSED", socket, "no response from /run/docker.sock", "systemctl start docker"],
    [
      "ECONNREFUSED",
      podman,
      "no response from /run/podman",
      "Start Podman's service: sudo systemctl start podman.socket",
    ],
    ["ECONNREFUSED", ownPodman, "no response from /run/user/7", ": systemctl --user start podman.socket"],
    ["ECONNREFUSED", network, "no response from [::1]:2376", "DOCKER_HOST"],
    ["ENOTFOUND", network, "cannot resolve the host name", "DOCKER_HOST"],
    ["ETIMEDOUT", network, "does not respond", "firewall"],
    ["CERT_HAS_EXPIRED", network, "cannot establish a trusted TLS connection", "Renew the certificate"],
    ["ENOTSOCK", socket, "cannot be reached: broken", "Check that the engine is running"],
  ])("tells for %s at %o what happened and what to do", (code, endpoint, message, hint) => {
    const failure = connectionFailure(endpoint, Object.assign(new Error("broken"), { code }), { connected: false });
    expect(failure.code).toBe("engine-unreachable");
    expect(failure.message).toContain(message);
    expect(failure.hint).toContain(hint);
  });

  test("blames the engine, not the connection, once it had stood", () => {
    const failure = connectionFailure(socket, Object.assign(new Error("aborted"), { code: "ECONNRESET" }), {
      connected: true,
    });
    expect(failure.code).toBe("engine-failed");
  });
});
