import type { FilePattern } from "../../../model/images/file.ts";
import type { Distribution } from "../../../model/packages/distribution.ts";
import type { Extractor } from "../../extractor.ts";
import { readText } from "../read-text.ts";
import { readReleaseFile } from "./release-file.ts";
import { readShellVariables } from "./shell-variables.ts";

/**
 * Where a distribution says what it is: the standard first, then the files of before it, the most specific ones first.
 */
const readers: ReadonlyMap<string, (text: string) => Distribution | undefined> = new Map([
  ["etc/os-release", osReleaseFile],
  ["usr/lib/os-release", osReleaseFile],
  ["etc/lsb-release", lsbReleaseFile],
  ["etc/alpine-release", alpineRelease],
  ["etc/oracle-release", readReleaseFile],
  ["etc/enterprise-release", readReleaseFile],
  ["etc/almalinux-release", readReleaseFile],
  ["etc/rocky-release", readReleaseFile],
  ["etc/centos-release", readReleaseFile],
  ["etc/fedora-release", readReleaseFile],
  ["etc/system-release", readReleaseFile],
  ["usr/lib/system-release", readReleaseFile],
  ["etc/redhat-release", readReleaseFile],
  ["etc/system-release-cpe", releaseCpe],
  ["etc/SuSE-release", suseRelease],
  ["etc/debian_version", debianVersion],
]);

/**
 * Reads which Linux distribution a tree holds. `files` is ordered: where several of them are there, the one that comes
 * first in `files` is to be believed, because derived distributions keep the older files of their parents (Oracle Linux
 * has a `redhat-release`, Ubuntu a `debian_version`). A file that names no distribution yields nothing.
 *
 * Source: os-release(5); lsb_release(1); the files of the distributions that came before it.
 */
export const osRelease: Extractor = {
  id: "os/os-release",
  revision: 1,
  files: [...readers.keys()].map((path): FilePattern => ({ path })),
  *extract(file, context) {
    const text = readText(file, context);
    if (text === undefined) return;
    const distribution = (readers.get(file.path) ?? osReleaseFile)(text);
    if (distribution) yield { kind: "distribution", distribution };
  },
};

function osReleaseFile(text: string): Distribution | undefined {
  return distributionFromFields(readShellVariables(text));
}

/** The distribution that the fields of an os-release file describe; undefined without a valid `ID`. */
export function distributionFromFields(fields: ReadonlyMap<string, string>): Distribution | undefined {
  const id = identifier(fields.get("ID"));
  if (id === undefined) return undefined;
  const version = fields.get("VERSION_ID");
  const codename = fields.get("VERSION_CODENAME") || codenameBefore2016(id, fields);
  return {
    id,
    idLike: (fields.get("ID_LIKE") ?? "").toLowerCase().split(/\s+/).filter(Boolean),
    ...(version ? { version } : {}),
    ...(codename ? { codename } : {}),
    name: fields.get("PRETTY_NAME") || [id, version].filter(Boolean).join(" "),
  };
}

/**
 * VERSION_CODENAME came in 2016; before, Debian wrote `8 (jessie)` and Ubuntu `14.04, Trusty Tahr` or
 * `15.04 (Vivid Vervet)` as VERSION.
 */
function codenameBefore2016(id: string, fields: ReadonlyMap<string, string>): string | undefined {
  const version = fields.get("VERSION") ?? "";
  if (id === "ubuntu")
    return fields.get("UBUNTU_CODENAME") ?? /[,(] ?([A-Za-z]+) [A-Za-z]+\)?$/.exec(version)?.[1]?.toLowerCase();
  return id === "debian" ? /\(([a-z]+)\)$/.exec(version)?.[1] : undefined;
}

function lsbReleaseFile(text: string): Distribution | undefined {
  const fields = readShellVariables(text);
  const id = identifier(fields.get("DISTRIB_ID"));
  if (id === undefined) return undefined;
  const version = fields.get("DISTRIB_RELEASE");
  const codename = fields.get("DISTRIB_CODENAME");
  return {
    id,
    idLike: [],
    ...(version ? { version } : {}),
    ...(codename ? { codename } : {}),
    name: fields.get("DISTRIB_DESCRIPTION") || [id, version].filter(Boolean).join(" "),
  };
}

/** os-release(5) allows lower-case letters, digits, `.`, `_` and `-`; upper case occurs and is made lower. */
function identifier(value: string | undefined): string | undefined {
  const id = value?.toLowerCase();
  return id !== undefined && /^[a-z0-9._-]+$/.test(id) ? id : undefined;
}

/** The whole file is the version: `3.15.4`, or `3.19_alpha20230901` on the rolling branch. */
function alpineRelease(text: string): Distribution | undefined {
  const version = text.trim();
  if (!/^\d+\.\d[0-9A-Za-z._]*$/.test(version)) return undefined;
  return { id: "alpine", idLike: [], version, name: `Alpine Linux v${version}` };
}

/** The whole file is the version, or `trixie/sid` before the release of trixie. */
function debianVersion(text: string): Distribution | undefined {
  const version = text.trim();
  const base = { id: "debian", idLike: [], name: `Debian GNU/Linux ${version}` };
  if (/^\d+(?:\.\d+)*$/.test(version)) return { ...base, version };
  const codename = /^([a-z]+)\/sid$/.exec(version)?.[1];
  return codename === undefined ? undefined : { ...base, codename };
}

/** `cpe:/o:vendor:product:version:update`: Red Hat's relatives before os-release. */
function releaseCpe(text: string): Distribution | undefined {
  const [scheme, part, vendor, product, version] = text.trim().split(":");
  if (scheme !== "cpe" || part !== "/o" || !version || !/^\d+(?:\.\d+)*$/.test(version)) return undefined;
  const known: Readonly<Record<string, string>> = {
    "amazon:linux": "amzn",
    "centos:linux": "centos",
    "centos:centos": "centos",
    "fedoraproject:fedora": "fedora",
    "oracle:linux": "ol",
    "redhat:enterprise_linux": "rhel",
    "scientificlinux:scientificlinux": "scientific",
  };
  const id = known[`${vendor}:${product}`];
  return id === undefined ? undefined : { id, idLike: [], version, name: `${id} ${version}` };
}

/** A line with the name, then `VERSION = 11` and, for the enterprise editions, `PATCHLEVEL = 4`. */
function suseRelease(text: string): Distribution | undefined {
  const name = text.split("\n", 1)[0]?.trim() ?? "";
  const id = name.startsWith("openSUSE") ? "opensuse" : name.startsWith("SUSE Linux Enterprise") ? "sles" : undefined;
  const major = /^VERSION = ([0-9.]+)$/m.exec(text)?.[1];
  if (id === undefined || major === undefined) return undefined;
  const level = /^PATCHLEVEL = ([0-9]+)$/m.exec(text)?.[1];
  const version = id === "sles" && level !== undefined && level !== "0" ? `${major}.${level}` : major;
  return { id, idLike: [], version, name };
}
