/**
 * How ecosystems order their versions: the package's second entry point, `plimsoll/versions`. It loads no more than the
 * version schemes.
 *
 * @packageDocumentation
 */
export { compareVersions, ecosystemsWithOrder } from "./versions/ecosystems.ts";
