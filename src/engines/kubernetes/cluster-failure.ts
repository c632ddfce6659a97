import { isTlsFailure } from "../../io/is-tls-failure.ts";
import { oneLine } from "../../io/one-line.ts";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, parseJson } from "../../model/json-object.ts";

/** `engine-failed`: the API server of this cluster answers, but not what was asked for. */
export function clusterFailed(cluster: string, what: string, details: { hint?: string; cause?: unknown } = {}): Error {
  return new PlimsollError("engine-failed", `the cluster ${oneLine(cluster)} ${what}`, details);
}

/** What an answer other than 200 means. `text` is the body: a `Status` of the API, or plain text of a proxy. */
export function refusedBy(cluster: string, { status, text, path, hide }: Refusal): Error {
  const words = oneLine(hide(messageIn(text)));
  const said = words === "" ? "" : `: ${words}`;
  const resource = /\/([a-z]+)(?:\?|$)/.exec(path)?.[1] ?? "this";
  if (status === 401) {
    return clusterFailed(cluster, `does not accept the credentials of the kubeconfig (401${said})`, {
      hint: "They may have expired: log in to the cluster again, and try kubectl get pods.",
    });
  }
  if (status === 403) {
    return clusterFailed(cluster, `does not allow to list ${resource} (403${said})`, {
      hint: `Name a namespace with --namespace, or ask for a role that may list ${resource}: kubectl auth can-i list ${resource}.`,
    });
  }
  if (status >= 300 && status < 400) {
    return clusterFailed(cluster, `answers with a redirect (${status}), which Plimsoll does not follow`, {
      hint: "Is the server of the kubeconfig the address of an API server?",
    });
  }
  return clusterFailed(cluster, `answers ${status}${said}`, {
    hint: "Look whether kubectl get pods works, and try again.",
  });
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
  const { code = "", message = String(error) } = error as NodeJS.ErrnoException;
  const name = oneLine(cluster);
  const words = oneLine(hide(message));
  const unreachable = (why: string, hint: string): PlimsollError =>
    new PlimsollError("engine-unreachable", `the cluster ${name} cannot be reached: ${why}`, { hint });
  switch (code) {
    case "ECONNREFUSED":
      return proxy === undefined
        ? unreachable(`nothing answers at ${address}`, "Does the cluster run, and is this its address today?")
        : unreachable(`nothing answers at the proxy ${proxy}`, proxyHint);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return proxy === undefined
        ? unreachable(
            `the name of its host ${address} is not known`,
            "Check the server of the kubeconfig, and whether a VPN is needed.",
          )
        : unreachable(`the name of the proxy ${proxy} is not known`, proxyHint);
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return proxy === undefined
        ? unreachable(`${address} does not answer`, "Check whether a VPN is needed or a firewall stands between.")
        : unreachable(`${address} does not answer through the proxy ${proxy}`, proxyHint);
    case "ERR_PROXY_TUNNEL": {
      const said = words.replace(/^Failed to establish tunnel to \S+ via \S+: /, "");
      return unreachable(`the proxy ${proxy} does not lead to ${address} (${said})`, proxyHint);
    }
  }
  if (isTlsFailure(code)) {
    return unreachable(
      `there is no trusted TLS connection to ${address} (${words})`,
      "Check certificate-authority, tls-server-name and the client's certificate in the kubeconfig.",
    );
  }
  return unreachable(words, "Look whether kubectl get pods works.");
}

interface Way {
  readonly address: string;
  readonly proxy: string | undefined;
  readonly hide: Hide;
}

const proxyHint = "Check proxy-url in the kubeconfig, and whether that proxy runs and lets you through.";

/**
 * Empty for what is no JSON: a proxy answers in a text of its own, often a page of HTML, which says less than the
 * status.
 */
function messageIn(text: string): string {
  const body = parseJson(text);
  return isJsonObject(body) && "message" in body ? String(body["message"]) : "";
}
