/** An entry of CycloneDX's `licenses`. */
export type LicenseChoice =
  | { readonly license: { readonly id: string } | { readonly name: string } }
  | { readonly expression: string };

/**
 * The licences of a package as CycloneDX 1.6 wants them: one SPDX expression alone, or a list of SPDX identifiers and,
 * for every other text, names. Identifiers that this list does not know become names, which is always valid.
 */
export function licenseChoices(declared: readonly string[]): readonly LicenseChoice[] {
  const texts = [...new Set(declared.map((text) => text.trim()).filter((text) => text !== ""))];
  const [only] = texts;
  if (only !== undefined && texts.length === 1 && !knownLicenses.has(only) && isExpression(only)) {
    return [{ expression: only }];
  }
  return texts.map((text) => ({ license: knownLicenses.has(text) ? { id: text } : { name: text } }));
}

/**
 * True for `A AND (B OR C WITH exception)` over known identifiers. SPDX 2.3, annex D, without the `+` operator and
 * `LicenseRef-`.
 */
function isExpression(text: string): boolean {
  if (text.length > 1000) return false;
  let depth = 0;
  let expects: "licence" | "operator" | "exception" = "licence";
  for (const token of text.match(/[()]|[^\s()]+/g) ?? []) {
    if (expects === "exception") {
      if (!knownExceptions.has(token)) return false;
      expects = "operator";
    } else if (expects === "licence") {
      if (token === "(") depth += 1;
      else if (knownLicenses.has(token)) expects = "operator";
      else return false;
    } else if (token === ")") {
      depth -= 1;
      if (depth < 0) return false;
    } else if (token === "AND" || token === "OR") {
      expects = "licence";
    } else if (token === "WITH") {
      expects = "exception";
    } else {
      return false;
    }
  }
  return expects === "operator" && depth === 0;
}

/** The identifiers of the SPDX licence list that packages in images carry. */
export const knownLicenses: ReadonlySet<string> = new Set(
  `0BSD AAL AFL-2.0 AFL-2.1 AFL-3.0 AGPL-1.0-only AGPL-1.0-or-later AGPL-3.0 AGPL-3.0-only AGPL-3.0-or-later
  Apache-1.0 Apache-1.1 Apache-2.0 APSL-2.0 Artistic-1.0 Artistic-1.0-Perl Artistic-2.0 Beerware BlueOak-1.0.0
  BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause BSD-3-Clause-Clear BSD-3-Clause-LBNL BSD-4-Clause
  BSD-4-Clause-UC BSL-1.0 BUSL-1.1 bzip2-1.0.6 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC-PDDC CC0-1.0 CDDL-1.0
  CDDL-1.1 CECILL-2.1 CECILL-B CECILL-C ClArtistic CPL-1.0 curl EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 FSFAP FSFUL FSFULLR
  FTL GFDL-1.2 GFDL-1.2-only GFDL-1.2-or-later GFDL-1.3 GFDL-1.3-only GFDL-1.3-or-later GPL-1.0 GPL-1.0-only
  GPL-1.0-or-later GPL-2.0 GPL-2.0-only GPL-2.0-or-later GPL-3.0 GPL-3.0-only GPL-3.0-or-later HPND ICU IJG ImageMagick
  Info-ZIP Intel IPL-1.0 ISC JSON LGPL-2.0 LGPL-2.0-only LGPL-2.0-or-later LGPL-2.1 LGPL-2.1-only LGPL-2.1-or-later
  LGPL-3.0 LGPL-3.0-only LGPL-3.0-or-later Libpng libpng-2.0 libtiff LPPL-1.3c MirOS MIT MIT-0 MIT-CMU MIT-Modern-Variant
  MPL-1.0 MPL-1.1 MPL-2.0 MPL-2.0-no-copyleft-exception MS-PL MS-RL MulanPSL-2.0 NCSA Net-SNMP Nokia NTP OFL-1.1 OLDAP-2.8
  OpenSSL PHP-3.0 PHP-3.01 PostgreSQL PSF-2.0 Python-2.0 Python-2.0.1 QPL-1.0 Ruby SGI-B-2.0 SISSL Sleepycat SMLNJ SSPL-1.0
  TCL TCP-wrappers Unicode-3.0 Unicode-DFS-2015 Unicode-DFS-2016 Unlicense UPL-1.0 Vim W3C W3C-20150513 Watcom-1.0 WTFPL
  X11 Xnet Zend-2.0 Zlib zlib-acknowledgement ZPL-2.0 ZPL-2.1`.split(/\s+/),
);

/** The exceptions of the SPDX licence list that packages in images carry. */
export const knownExceptions: ReadonlySet<string> = new Set([
  "Autoconf-exception-2.0",
  "Autoconf-exception-3.0",
  "Bison-exception-2.2",
  "Classpath-exception-2.0",
  "Font-exception-2.0",
  "GCC-exception-2.0",
  "GCC-exception-3.1",
  "Libtool-exception",
  "Linux-syscall-note",
  "LLVM-exception",
  "OpenJDK-assembly-exception-1.0",
  "openvpn-openssl-exception",
  "u-boot-exception-2.0",
  "Universal-FOSS-exception-1.0",
]);
