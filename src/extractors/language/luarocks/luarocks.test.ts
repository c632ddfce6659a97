import { describeExtractor } from "../../conformance.ts";
import { luarocks } from "./luarocks.ts";

const lines = ["rock_manifest = {}"];

describeExtractor(luarocks, [
  {
    path: "usr/local/lib/luarocks/rocks-5.1/lua-cjson/2.1.0-1/rock_manifest",
    bytes: new TextEncoder().encode(lines.join("\n")),
    expected: [{ kind: "package", package: { type: "luarocks", name: "lua-cjson", version: "2.1.0-1" } }],
  },
]);
