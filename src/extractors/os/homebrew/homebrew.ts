import type { Extractor } from "../../extractor.ts";

const place = /(?:^|\/)Cellar\/([\w@+.-]{1,200})\/([\w+.-]{1,200})\/INSTALL_RECEIPT\.json$/;

/**
 * Reads the installed formulae of Homebrew: each has a receipt in the folder `Cellar/<name>/<version>`, which alone
 * tells both. Source: Homebrew, "Formula Cookbook", "Terminology".
 */
export const homebrew: Extractor = {
  id: "os/homebrew",
  revision: 1,
  files: [{ basename: "INSTALL_RECEIPT.json" }],
  *extract({ path }) {
    const [, name, version] = place.exec(path) ?? [];
    if (name !== undefined && version !== undefined) {
      yield { kind: "package", package: { type: "brew", name, version } };
    }
  },
};
