import { describeExtractor } from "../../conformance.ts";
import { luarocksLock } from "./luarocks.ts";

const lines = [
  "return {",
  "   dependencies = {",
  '      ["lua-cjson"] = "2.1.0-1",',
  '      lpeg = "1.0.2-1",',
  '      lua = "5.3-1"',
  "   }",
  "}",
];

describeExtractor(luarocksLock, [
  {
    path: "luarocks.lock",
    bytes: new TextEncoder().encode(lines.join("\n")),
    expected: [
      {
        kind: "package",
        package: { type: "luarocks", name: "lua-cjson", version: "2.1.0-1", declaration: { line: 3 } },
      },
      { kind: "package", package: { type: "luarocks", name: "lpeg", version: "1.0.2-1", declaration: { line: 4 } } },
    ],
  },
]);
