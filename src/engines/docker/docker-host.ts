import { PlimsollError } from "../../model/error.ts";
import { trimEnd } from "../../model/text/trim-end.ts";

/** Where an engine listens. */
export type DockerEndpoint =
  | { readonly kind: "socket"; readonly path: string }
  | {
      readonly kind: "network";
      readonly secure: boolean;
      /** A name or an address; IPv6 without brackets. */
      readonly host: string;
      readonly port: number;
      /** What stands before the path of every request: empty, or `/engine` without a slash at its end. */
      readonly base: string;
    };

/** The default address of Docker Engine. */
const defaultDockerHost =
  process.platform === "win32" ? "npipe:////./pipe/docker_engine" : "unix:///var/run/docker.sock";

const portWithoutTls = 2375;
const portWithTls = 2376;

/**
 * Reads a value of `DOCKER_HOST`: `unix://`, `npipe://`, `tcp://`, `http://` or `https://`. `tcp` is TLS when `secure`
 * is true. An empty value is the usual place on this machine.
 *
 * `HOST:PORT` is `tcp`.
 *
 * Throws `engine-unreachable` for `ssh://`, and `usage` for another form.
 * Source: Docker's command-line reference, "Daemon socket option".
 */
export function parseDockerHost(value: string, secure: boolean): DockerEndpoint {
  const host = value === "" ? defaultDockerHost : value;
  const separator = host.indexOf("://");
  const scheme = separator < 0 ? "" : host.slice(0, separator).toLowerCase();
  const rest = host.slice(separator + 3);
  switch (scheme) {
    case "unix":
      if (rest === "" || rest.includes("\0")) throw invalidDockerHost(host);
      return { kind: "socket", path: rest };
    case "npipe":
      if (rest === "" || rest.includes("\0")) throw invalidDockerHost(host);
      return { kind: "socket", path: rest.replaceAll("/", "\\") };
    case "tcp":
      return network(host, rest, secure);
    case "http":
      return network(host, rest, false);
    case "https":
      return network(host, rest, true);
    case "ssh":
      throw new PlimsollError(
        "engine-unreachable",
        `the container engine at ${shown(host)} uses SSH, which is not supported`,
        {
          hint: "Forward the engine's socket (ssh -L /tmp/docker.sock:/var/run/docker.sock HOST), and set DOCKER_HOST or CONTAINER_HOST to unix:///tmp/docker.sock.",
        },
      );
    case "":
      if (/^[^/]+:\d{1,5}$/.test(host)) return network(host, host, secure);
      throw invalidDockerHost(host);
    default:
      throw invalidDockerHost(host);
  }
}

function network(value: string, rest: string, secure: boolean): DockerEndpoint {
  // Parsed as HTTP because a URL of an unknown scheme keeps a host that is none.
  const url = URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : undefined;
  if (!url?.hostname || url.username || url.password || url.search || url.hash) throw invalidDockerHost(value);
  return {
    kind: "network",
    secure,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || writtenPort(rest) || (secure ? portWithTls : portWithoutTls)),
    base: trimEnd(url.pathname, "/"),
  };
}

/** `URL` drops the port 80 as HTTP's own; here it was meant. */
function writtenPort(rest: string): string {
  return /^[^/]*:(80)(?:\/|$)/.exec(rest)?.[1] ?? "";
}

function invalidDockerHost(value: string): PlimsollError {
  return new PlimsollError("usage", `${shown(value)} is not the address of a Docker Engine`, {
    hint: "Use the format of DOCKER_HOST: unix:///var/run/docker.sock or tcp://HOST:2376.",
  });
}

/** In quotes, and without a user and a password. */
function shown(value: string): string {
  return JSON.stringify(value.replace(/^([a-z]+:\/\/)?.*@/is, "$1"));
}
