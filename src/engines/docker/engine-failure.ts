import { isTlsFailure } from "../../io/http/is-tls-failure.ts";
import { type CertificateFault, certificateFault, networkReason } from "../../io/http/network-failure.ts";
import { oneLine } from "../../io/one-line.ts";
import { PlimsollError } from "../../model/error.ts";
import type { DockerEndpoint } from "./docker-host.ts";

/** The endpoint as a person reads it: the socket's path, or `host:port`. */
export function endpointName(endpoint: DockerEndpoint): string {
  if (endpoint.kind === "socket") return endpoint.path;
  return `${endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`;
}

/**
 * What a failed connection means and what to do about it: `engine-unreachable`, or `engine-failed` when there was a
 * connection and it broke (`connected`).
 */
export function connectionFailure(
  endpoint: DockerEndpoint,
  error: unknown,
  { connected }: { readonly connected: boolean },
): PlimsollError {
  const name = endpointName(endpoint);
  const { code = "", message = String(error) } = error as NodeJS.ErrnoException;
  const unreachable = (text: string, hint: string): PlimsollError =>
    new PlimsollError("engine-unreachable", text, { hint, cause: error });
  // Podman answers as a Docker Engine does, at a socket of its own.
  const isPodman = endpoint.kind === "socket" && name.endsWith("/podman.sock");
  const engine = isPodman ? "Podman" : "Docker Engine";
  switch (code) {
    case "ENOENT":
      return unreachable(
        `no ${engine} socket found at ${name}`,
        isPodman
          ? `Start Podman's service (${toStartPodman(name)}), or set CONTAINER_HOST to its address.`
          : "Start Docker, or set DOCKER_HOST to the address of an engine.",
      );
    case "EACCES":
    case "EPERM":
      return unreachable(
        `permission denied for the ${engine} socket ${name}`,
        isPodman
          ? "Use sudo: the socket belongs to another user's Podman."
          : "Use sudo, or join the group of the socket (sudo usermod -aG docker $USER) and log in again.",
      );
    case "ECONNREFUSED":
      return unreachable(`no response from ${name}`, notListeningHint(endpoint, isPodman));
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return unreachable(`cannot resolve the host name of the Docker Engine at ${name}`, "Check DOCKER_HOST.");
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return unreachable(
        `${name} does not respond`,
        "Check DOCKER_HOST, and whether a firewall blocks the connection.",
      );
  }
  if (isTlsFailure(code)) {
    return unreachable(
      `cannot establish a trusted TLS connection to the Docker Engine at ${name}: ${oneLine(networkReason(error).reason)}`,
      tlsHints[certificateFault(error) ?? "untrusted"],
    );
  }
  if (connected) {
    return engineFailed(`the Docker Engine at ${name} did not complete its response: ${oneLine(message)}`, error);
  }
  return unreachable(
    `the Docker Engine at ${name} cannot be reached: ${oneLine(message)}`,
    "Check that the engine is running, and check DOCKER_HOST.",
  );
}

const tlsHints: Readonly<Record<CertificateFault, string>> = {
  expired: "Renew the certificate of the engine, and check the clock of this machine.",
  "not-yet-valid": "Check the clock of this machine.",
  "other-name": "Use a host name in DOCKER_HOST that is in the certificate, or add it to the certificate.",
  untrusted: "Check ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH, and whether the engine uses TLS.",
};

function notListeningHint(endpoint: DockerEndpoint, isPodman: boolean): string {
  if (endpoint.kind === "network") return "Check that the engine is running and that DOCKER_HOST is its address.";
  const start = isPodman ? `Podman's service: ${toStartPodman(endpoint.path)}` : `Docker: ${toStartDocker}`;
  return `The socket exists but no engine is listening. Start ${start}`;
}

const toStartDocker = "sudo systemctl start docker";

/** Root's service is the system's, anyone else's the user's own. */
function toStartPodman(socket: string): string {
  const isRootSocket = /^(?:\/var)?\/run\/podman\//.test(socket);
  return isRootSocket ? "sudo systemctl start podman.socket" : "systemctl --user start podman.socket";
}

/** `engine-failed` with the hint that fits all of its causes. */
export function engineFailed(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError("engine-failed", message, {
    hint: "Check the engine's log, or scan a saved archive instead: docker save IMAGE -o image.tar.",
    ...(cause !== undefined && { cause }),
  });
}
