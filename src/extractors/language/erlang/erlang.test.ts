import { describeExtractor } from "../../conformance.ts";
import { erlang } from "./erlang.ts";

const cowboy =
  '%% a comment\n{application,\'cowboy\',\n [{description,"Small HTTP server"},\n  {vsn, "2.10.0"},\n  {modules,[]}]}.\n';

describeExtractor(erlang, [
  {
    path: "opt/rabbitmq/plugins/cowboy-2.10.0/ebin/cowboy.app",
    bytes: new TextEncoder().encode(cowboy),
    expected: [{ kind: "package", package: { type: "hex", name: "cowboy", version: "2.10.0" } }],
  },
  {
    path: "usr/lib/erlang/lib/ssl-11.0/ebin/ssl.app",
    bytes: new TextEncoder().encode('{application, ssl, [{vsn,"11.0"}]}.'),
    expected: [],
  },
]);
