import type { Program } from "./program.ts";

/** Libraries that programs share. */
export const libraries: readonly Program[] = [
  {
    name: "openssl",
    files: ["openssl"],
    prefixes: ["libcrypto.so", "libcrypto-", "libssl.so", "libssl-"],
    texts: [
      {
        near: "OpenSSL ",
        version: /OpenSSL (\d+\.\d+\.\d+[a-z]{0,2}(?:-[a-z]+\d*)?) {1,2}\d{1,2} [A-Z][a-z]{2} \d{4}/,
      },
    ],
  },
  {
    name: "krb5",
    prefixes: ["libkrb5.so"],
    texts: [{ near: "KRB5_BRAND: ", version: /KRB5_BRAND: krb5-(\d+\.\d+(?:\.\d+)?)-/ }],
  },
  {
    name: "heimdal-krb5",
    prefixes: ["libkrb5.so"],
    texts: [{ near: "$Version: Heimdal ", version: /\$Version: Heimdal (\d+\.\d+\.\d+) / }],
  },
  {
    name: "curl",
    prefixes: ["libcurl.so", "libcurl-"],
    texts: [{ near: "libcurl/", version: /libcurl\/(\d+\.\d+\.\d+)/ }],
  },
  {
    name: "qtbase",
    prefixes: ["libQtCore.so", "libQt5Core.so", "libQt6Core.so"],
    texts: [
      { near: "QtCore library version ", version: /QtCore library version (\d+\.\d+\.\d+)/ },
      { near: "_endian-", version: /Qt (\d+\.\d+\.\d+) \(\w{1,20}-(?:little|big)_endian-/ },
    ],
  },
];
