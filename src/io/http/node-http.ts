/**
 * Node's own modules for HTTP, loaded when they are first asked for. To `import` them costs every start of the program
 * 40 ms, more than half of it for an implementation of `fetch`: an `import` evaluates all that a module of Node
 * exports.
 */
export function nodeHttp(): typeof import("node:http") {
  return process.getBuiltinModule("node:http");
}

/** As {@link nodeHttp}, for HTTPS. */
export function nodeHttps(): typeof import("node:https") {
  return process.getBuiltinModule("node:https");
}

/** As {@link nodeHttp}, for TLS. */
export function nodeTls(): typeof import("node:tls") {
  return process.getBuiltinModule("node:tls");
}
