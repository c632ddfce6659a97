import type { IncomingHttpHeaders } from "node:http";
import type { InternetHost } from "./fake-internet.ts";

/** What AWS STS answers: temporary keys, or why there are none; of an error of a service it is the status 400. */
export type StsAnswer =
  | { readonly lent: Readonly<Record<"AccessKeyId" | "SecretAccessKey" | "SessionToken", string>> }
  | { readonly code: string; readonly message: string; readonly status?: number };

/** Temporary keys whose access key is known to the fake interfaces of Amazon. */
export const lentKeys = { AccessKeyId: "AKIDEXAMPLE", SecretAccessKey: "s", SessionToken: "lent" };

/** AWS STS, which is asked with a form. As the real one does, it writes JSON for who accepts that, and else XML. */
export function fakeSts(answerTo: (form: URLSearchParams, headers: IncomingHttpHeaders) => StsAnswer): InternetHost {
  return ({ headers, body }) => {
    const form = new URLSearchParams(body);
    const answer = answerTo(form, headers);
    const inJson = headers.accept?.includes("application/json") ?? false;
    const status = "lent" in answer ? 200 : (answer.status ?? 400);
    const value = "lent" in answer ? success(answer.lent, form.get("Action") ?? "") : failure(answer);
    if (inJson) return { status, json: value };
    const root = "lent" in answer ? value : { ErrorResponse: value };
    return { status, text: xml(root, ' xmlns="https://sts.amazonaws.com/doc/2011-06-15/"') };
  };
}

function success(Credentials: object, action: string): object {
  return {
    [`${action}Response`]: {
      [`${action}Result`]: { Credentials, PackedPolicySize: null },
      ResponseMetadata: { RequestId: "x" },
    },
  };
}

function failure({ code, message }: { readonly code: string; readonly message: string }): object {
  return { Error: { Code: code, Message: message, Type: "Sender" }, RequestId: "x" };
}

function xml(value: object, attributes = ""): string {
  return Object.entries(value)
    .map(([name, content]: [string, unknown]) => `<${name}${attributes}>${inside(content)}</${name}>`)
    .join("");
}

function inside(content: unknown): string {
  if (typeof content === "object" && content !== null) return xml(content);
  return String(content ?? "").replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
