import type { Extractor } from "../../extractor.ts";

const place = /(?:^|\/)rocks(?:-5\.\d)?\/([\w.-]{1,200})\/([\w.+-]{1,100})\/rock_manifest$/;

/**
 * The rocks that LuaRocks installed: each has a manifest in the folder `rocks-<release of Lua>/<name>/<version>`, which
 * tells both. Source: LuaRocks, "File locations".
 */
export const luarocks: Extractor = {
  id: "language/luarocks",
  revision: 1,
  files: [{ basename: "rock_manifest" }],
  *extract({ path }) {
    const [, name, version] = place.exec(path) ?? [];
    if (name !== undefined && version !== undefined) {
      yield { kind: "package", package: { type: "luarocks", name, version } };
    }
  },
};
