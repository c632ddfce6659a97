import type { ServerResponse } from "node:http";
import { sendJson } from "../registry/setup/fake-registry.ts";
import type { GuardedRegistry, HeardRequest, Spoil } from "./guarded-registry.ts";

/** The ways in which servers write what they repeat. */
const writings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => encodeURIComponent(text),
  (text) => JSON.stringify(text),
  (text) => JSON.stringify(JSON.stringify({ was: text })),
  (text) => new URLSearchParams({ was: text }).toString(),
  (text) => encodeURIComponent(encodeURIComponent(text)),
  (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
  (text) => Buffer.from(text).toString("base64"),
  (text) => Buffer.from(text).toString("base64url"),
  (text) => Buffer.from(text).toString("hex"),
  (text) => text.toLowerCase(),
];

/** What a server repeats next: of all that it has heard each in each way, one after the other. */
function repeated(front: GuardedRegistry): string {
  const heard = [...front.heard];
  const at = front.turn;
  const text = heard[at % Math.max(1, heard.length)] ?? "nothing";
  return writings[Math.floor(at / Math.max(1, heard.length)) % writings.length]?.(text) ?? text;
}

/** True once somebody has shown something: before that a server has nothing to repeat. */
function hasHeard({ headers, body }: HeardRequest, front: GuardedRegistry): boolean {
  if (headers.authorization !== undefined || body.includes("refresh_token")) return true;
  return front.heard.size > 0;
}

/** As it may stand in a header, and there between quotes. */
function inHeader(text: string): string {
  return /^[\x21-\x7e]*$/.test(text) && !/[",;=\\]/.test(text) ? text : encodeURIComponent(text);
}

function isToken({ path }: HeardRequest): boolean {
  return path.startsWith("/token");
}

/** Registries and token servers that go wrong once they were shown something, and repeat it. */
export const spoilingServers: Readonly<Record<string, Spoil>> = {
  "refuses what it is shown": whenShown((request, response, front) =>
    refuse(response, isToken(request) ? 401 : 403, `you sent ${repeated(front)}`),
  ),
  "is broken": whenShown((_, response, front) => refuse(response, 501, `panic: ${repeated(front)}`)),
  "is busy for long": whenShown((_, response, front) =>
    sendJson(response, 500, { message: repeated(front) }, { "retry-after": "600", "x-was": inHeader(repeated(front)) }),
  ),
  "lets in, and then repeats in its refusals": (request, response, front) => {
    if (!request.isLetIn || isToken(request) || request.path === "/v2/") return false;
    return refuse(response, 403, `no: ${repeated(front)}`);
  },
  "answers in XML and in words": whenShown((_, response, front) => {
    const text = repeated(front).replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
    const isXml = front.turn % 2 === 0;
    const body = isXml ? `<Error><Code>Denied</Code><Message>${text}</Message></Error>` : `no: ${repeated(front)}`;
    response.writeHead(400, { "content-type": isXml ? "application/xml" : "text/plain" }).end(body);
    return true;
  }),
  "refuses the log-in at its token server": (request, response, front) => {
    if (!isToken(request)) return false;
    return sendJson(response, 400, { error: "invalid_grant", error_description: repeated(front) });
  },
  "sends to an address with what it was shown": whenShown((_, response, front) => {
    const text = encodeURIComponent(repeated(front));
    const locations = [
      `http://169.254.169.254/?token=${text}`,
      `http://ada:${text}@127.0.0.1/`,
      `ftp://127.0.0.1/${text}`,
      `http://${hostOf(front)}.localhost/${text}`,
    ];
    response.writeHead(307, { location: locations[front.turn % locations.length] }).end();
    return true;
  }),
  "asks again, in the words of what it was shown": whenShown((_, response, front) => {
    const text = inHeader(repeated(front));
    const challenges = [
      text,
      `${text} realm="x"`,
      `Bearer realm="http://${hostOf(front)}.example/token",service="${text}"`,
      `Bearer realm="https://${hostOf(front)}.localhost:1/token"`,
      `Bearer realm="http://ada:${text}@127.0.0.1/token"`,
      `Bearer realm="${text}"`,
    ];
    return sendJson(
      response,
      401,
      { message: text },
      { "www-authenticate": challenges[front.turn % challenges.length] ?? "" },
    );
  }),
  "sends headers that are none": whenShown((_, response, front) => {
    const text = repeated(front);
    const lines = [`x-was: \u0001${text}`, `${text}`, `content-length: ${text}`, `transfer-encoding: ${text}`];
    response.socket?.end(`HTTP/1.1 401 ${text}\r\n${lines[front.turn % lines.length]}\r\n\r\n`);
    return true;
  }),
  "answers with what is none of what was asked for": whenShown((request, response, front) => {
    const text = repeated(front);
    // What may be the name of something is content.
    const names = [`no: ${text}`, "v1"];
    if (request.path.includes("/tags/")) return sendJson(response, 200, { name: text, tags: names });
    if (request.path.includes("_catalog")) return sendJson(response, 200, { repositories: names });
    const digest = { "docker-content-digest": `sha256:${inHeader(text)}`, "content-type": inHeader(text) };
    const status = { PUT: 201, POST: 202, PATCH: 202, HEAD: 200 }[request.method] ?? 200;
    const location = { location: `/v2/team/app/blobs/uploads/1?_state=${encodeURIComponent(text)}` };
    const documents = [text, { mediaType: text, layers: text }, { errors: [{ message: text }] }, { tolkien: text }];
    return sendJson(response, status, documents[front.turn % documents.length], { ...digest, ...location });
  }),
};

function whenShown(spoil: Spoil): Spoil {
  return (request, response, front) => hasHeard(request, front) && spoil(request, response, front);
}

function refuse(response: ServerResponse, status: number, message: string): true {
  return sendJson(response, status, { errors: [{ code: "NO", message, detail: message }], error_description: message });
}

/** What it has heard as a part of a host's name, where that can be one. */
function hostOf(front: GuardedRegistry): string {
  const names = [...front.heard].filter((text) => /^[a-z0-9]{1,63}$/i.test(text));
  return names[front.turn % names.length] ?? "elsewhere";
}
