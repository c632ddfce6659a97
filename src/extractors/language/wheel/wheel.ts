import type { Extractor } from "../../extractor.ts";
import { extractPacked } from "../python/python.ts";

/**
 * The package in a Python wheel that is a target of its own, and those that it bundles with their metadata. In an image
 * or a folder a wheel is not installed, so it is not read there.
 *
 * Source: PyPA, "Binary distribution format".
 */
export const wheel: Extractor = {
  id: "language/wheel",
  revision: 1,
  files: [{ suffix: ".whl" }],
  extract: extractPacked,
};
