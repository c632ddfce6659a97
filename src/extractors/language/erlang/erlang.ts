import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord } from "../read-json.ts";

/** A resource file may list thousands of modules behind its version. */
const searched = 64 * 1024;

/** What Erlang/OTP and Elixir consist of: their own releases, which are found as programs, have the advisories. */
const ofRuntime: ReadonlySet<string> = new Set([
  ...["asn1", "common_test", "compiler", "crypto", "debugger", "dialyzer", "diameter", "edoc", "eldap", "erl_docgen"],
  ...["erl_interface", "erts", "et", "eunit", "ftp", "inets", "jinterface", "kernel", "megaco", "mnesia", "observer"],
  ...["odbc", "os_mon", "parsetools", "public_key", "reltool", "runtime_tools", "sasl", "snmp", "ssh", "ssl", "stdlib"],
  ...["syntax_tools", "tftp", "tools", "wx", "xmerl", "eex", "elixir", "ex_unit", "iex", "logger", "mix"],
]);

/**
 * The applications of Erlang and Elixir that are compiled in an image: each has a resource file
 * `ebin/<application>.app`. They are listed as packages of Hex, where most are published; parts of Erlang/OTP and of
 * Elixir are left out.
 *
 * Source: Erlang/OTP, "app(4)".
 */
export const erlang: Extractor = {
  id: "language/erlang",
  revision: 1,
  files: [{ suffix: ".app", containing: "ebin/" }],
  extract,
};

const place = /(?:^|\/)ebin\/[^/]+\.app$/;

function* extract(file: OpenFile, { problem }: Context): Generator<Extraction> {
  const { path, size } = file;
  if (!place.test(path)) return;
  const text = new TextDecoder().decode(file.read(0, Math.min(size, searched)));
  const [, name] = /\{\s{0,20}application\s{0,20},\s{0,20}'?(\w{1,200})'?\s{0,20},/.exec(text) ?? [];
  if (name !== undefined && ofRuntime.has(name)) return;
  const [, version] = /\{\s{0,20}vsn\s{0,20},\s{0,20}"([^"\n]{1,200})"\s{0,20}\}/.exec(text) ?? [];
  if (name !== undefined && isWord(version) && /^\d/.test(version)) {
    yield { kind: "package", package: { type: "hex", name, version } };
    return;
  }
  const message = `${path} has no valid name or version, so its package could not be identified`;
  problem({ code: "unreadable", message, path });
}
