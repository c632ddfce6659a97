import { isTlsFailure } from "../../io/http/is-tls-failure.ts";
import { type CertificateFault, certificateFault } from "../../io/http/network-failure.ts";
import { ProxyFailure } from "../../io/http/proxy-failure.ts";
import { oneLine } from "../../io/one-line.ts";
import { withoutNodeOptions } from "../../io/processes/without-node-options.ts";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, parseJson } from "../../model/objects/json-object.ts";

/** `engine-failed`: the API server of this cluster answers, but not what was asked for. */
export function clusterFailed(cluster: string, what: string, details: { hint?: string; cause?: unknown } = {}): Error {
  return new PlimsollError("engine-failed", `the cluster ${oneLine(cluster)} ${what}`, details);
}

/** `engine-failed`: the API server answers with another status than 200. */
export class ClusterRefusal extends PlimsollError {
  readonly status: number;

  constructor(cluster: string, { status, what, hint }: { status: number; what: string; hint: string }) {
    super("engine-failed", `the cluster ${oneLine(cluster)} ${what}`, { hint });
    this.status = status;
  }

  /** True for what is said of the path that was asked for alone; another one may be answered. */
  get affectsOnePath(): boolean {
    return this.status === 403 || this.status === 404;
  }
}

/** `engine-failed`: the API server is reached and gives no answer within the time. */
export class ClusterSilence extends PlimsollError {
  constructor(cluster: string, seconds: number) {
    super("engine-failed", `the cluster ${oneLine(cluster)} did not respond within ${seconds} s`, {
      hint: "Try again later.",
    });
  }
}

/**
 * True when the next request is likely to fail in the same way, after as much time: the server has too much to do, does
 * not answer, or does not accept the credentials any more.
 */
export function affectsWholeCluster(error: unknown): boolean {
  return error instanceof ClusterSilence || (error instanceof ClusterRefusal && !error.affectsOnePath);
}

/** What an answer other than 200 means. `text` is the body: a `Status` of the API, or plain text of a proxy. */
export function refusedBy(cluster: string, { status, text, path, hide }: Refusal): ClusterRefusal {
  const words = oneLine(hide(messageIn(text)));
  const said = words === "" ? "" : `: ${words}`;
  const { resource = "this", namespace } = listedIn(path);
  const refusal = (what: string, hint: string): ClusterRefusal => new ClusterRefusal(cluster, { status, what, hint });
  if (status === 401) {
    return refusal(
      `rejected the credentials in the kubeconfig (401${said})`,
      "The credentials may have expired: log in to the cluster again, and check with kubectl get pods.",
    );
  }
  if (status === 403 && namespace !== undefined) {
    return refusal(
      `does not allow listing ${resource} in the namespace ${namespace} (403${said})`,
      `Request a role that can list ${resource} in this namespace (check with: kubectl auth can-i list ${resource} --namespace ${namespace}).`,
    );
  }
  if (status === 403) {
    return refusal(
      `does not allow listing ${resource} (403${said})`,
      `Select a namespace with --namespace, or request a role that can list ${resource} (check with: kubectl auth can-i list ${resource}).`,
    );
  }
  if (status >= 300 && status < 400) {
    return refusal(
      `responded with a redirect (${status}); redirects are not followed`,
      "Check that the server in the kubeconfig is the address of an API server.",
    );
  }
  return refusal(`responded with status ${status}${said}`, "Check that kubectl get pods works, and try again.");
}

/** The resource that a path lists, and the namespace in which it does so. */
function listedIn(path: string): { readonly resource?: string; readonly namespace?: string } {
  const [, namespace, resource] = /(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\?|$)/.exec(path) ?? [];
  return {
    ...(resource !== undefined && { resource }),
    ...(namespace !== undefined && { namespace: oneLine(decodeURIComponent(namespace)) }),
  };
}

interface Refusal {
  readonly status: number;
  readonly text: string;
  /** What was asked for. */
  readonly path: string;
  readonly hide: Hide;
}

/** Text from outside without secrets: {@link ClusterSecrets.hide}. */
type Hide = (text: string) => string;

/**
 * What a failed connection means and what to do about it: `engine-unreachable`. `address` is the host and port of the
 * API server; `proxy` those of the proxy that stands before it, which is then what was connected to.
 */
export function connectionFailed(cluster: string, error: unknown, { address, proxy, hide }: Way): PlimsollError {
  const isProxyFailure = error instanceof ProxyFailure;
  const { code = "", message = String(error) } = (isProxyFailure ? error.cause : error) as NodeJS.ErrnoException;
  const name = oneLine(cluster);
  const words = oneLine(hide(message));
  const unreachable = (why: string, hint: string): PlimsollError =>
    new PlimsollError("engine-unreachable", `the cluster ${name} cannot be reached: ${why}`, { hint });
  switch (code) {
    case "ECONNREFUSED":
      return proxy === undefined
        ? unreachable(
            `no response from ${address}`,
            "Check that the cluster is running and that this is its current address.",
          )
        : unreachable(`no response from the proxy ${proxy}`, proxyHint);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return proxy === undefined
        ? unreachable(
            `cannot resolve the host name in ${address}`,
            "Check the server in the kubeconfig, and whether a VPN is required.",
          )
        : unreachable(`cannot resolve the host name of the proxy ${proxy}`, proxyHint);
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return proxy === undefined
        ? unreachable(
            `${address} does not respond`,
            "Check whether a VPN is required or a firewall blocks the connection.",
          )
        : unreachable(`${address} does not respond through the proxy ${proxy}`, proxyHint);
  }
  if (isProxyFailure) {
    const said = withoutNodeOptions(words);
    return unreachable(`the proxy ${proxy} cannot connect to ${address} (${said})`, proxyHint);
  }
  if (isTlsFailure(code)) {
    return unreachable(
      `cannot establish a trusted TLS connection to ${address} (${withoutNodeOptions(words)})`,
      tlsHints[certificateFault(error) ?? "untrusted"],
    );
  }
  return unreachable(words, "Check that kubectl get pods works.");
}

const tlsHints: Readonly<Record<CertificateFault, string>> = {
  expired: "Renew the certificate of the API server, and check the clock of this machine.",
  "not-yet-valid": "Check the clock of this machine.",
  "other-name": "Set tls-server-name in the kubeconfig to a name that is in the certificate.",
  untrusted: "Check certificate-authority, tls-server-name and the client certificate in the kubeconfig.",
};

interface Way {
  readonly address: string;
  readonly proxy: string | undefined;
  readonly hide: Hide;
}

const proxyHint =
  "Check proxy-url in the kubeconfig (or HTTPS_PROXY and NO_PROXY if it is not set), and check that the proxy runs and accepts the connection.";

/**
 * Empty for what is not JSON: a proxy answers in a text of its own, often a page of HTML, which says less than the
 * status.
 */
function messageIn(text: string): string {
  const body = parseJson(text);
  return isJsonObject(body) && "message" in body ? String(body["message"]) : "";
}
