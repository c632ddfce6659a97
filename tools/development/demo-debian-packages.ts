import type { TarMember } from "../../tests/setup/tar.ts";

/** A binary package of Debian 12. */
interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly source?: string;
  readonly sourceVersion?: string;
}

// One package a line: name, version, and where they differ the source package and its version.

/** The packages of the image `debian:12` in summer 2023. */
export const basePackages: readonly DebianPackage[] = read(`
  adduser 3.134
  apt 2.6.1
  base-files 12.4
  base-passwd 3.6.1
  bash 5.2.15-2+b2 bash 5.2.15-2
  bsdutils 1:2.38.1-5+b1 util-linux 2.38.1-5
  coreutils 9.1-1
  dash 0.5.12-2
  debconf 1.5.82
  debian-archive-keyring 2023.3
  debianutils 5.7-0.4
  diffutils 1:3.8-4
  dpkg 1.21.22
  e2fsprogs 1.47.0-2
  findutils 4.9.0-4
  gcc-12-base 12.2.0-14 gcc-12
  gpgv 2.2.40-1.1 gnupg2
  grep 3.8-5
  gzip 1.12-1
  hostname 3.23+nmu1
  init-system-helpers 1.65.2
  libacl1 2.3.1-3 acl
  libapt-pkg6.0 2.6.1 apt
  libattr1 1:2.5.1-4 attr
  libaudit-common 1:3.0.9-1 audit
  libaudit1 1:3.0.9-1 audit
  libblkid1 2.38.1-5+b1 util-linux 2.38.1-5
  libbz2-1.0 1.0.8-5+b1 bzip2 1.0.8-5
  libc-bin 2.36-9 glibc
  libc6 2.36-9 glibc
  libcap-ng0 0.8.3-1+b3 libcap-ng 0.8.3-1
  libcap2 1:2.66-4
  libcom-err2 1.47.0-2 e2fsprogs
  libcrypt1 1:4.4.33-2 libxcrypt
  libdb5.3 5.3.28+dfsg2-1 db5.3
  libdebconfclient0 0.270 cdebconf
  libext2fs2 1.47.0-2 e2fsprogs
  libffi8 3.4.4-1 libffi
  libgcc-s1 12.2.0-14 gcc-12
  libgcrypt20 1.10.1-3
  libgmp10 2:6.2.1+dfsg1-1.1 gmp
  libgnutls30 3.7.9-2 gnutls28
  libgpg-error0 1.46-1 libgpg-error
  libhogweed6 3.8.1-2 nettle
  libidn2-0 2.3.3-1+b1 libidn2 2.3.3-1
  liblz4-1 1.9.4-1 lz4
  liblzma5 5.4.1-0.2 xz-utils
  libmd0 1.0.4-2 libmd
  libmount1 2.38.1-5+b1 util-linux 2.38.1-5
  libnettle8 3.8.1-2 nettle
  libp11-kit0 0.24.1-2 p11-kit
  libpam-modules 1.5.2-6 pam
  libpam-modules-bin 1.5.2-6 pam
  libpam-runtime 1.5.2-6 pam
  libpam0g 1.5.2-6 pam
  libpcre2-8-0 10.42-1 pcre2
  libseccomp2 2.5.4-1+b3 libseccomp 2.5.4-1
  libselinux1 3.4-1+b6 libselinux 3.4-1
  libsemanage-common 3.4-1 libsemanage
  libsemanage2 3.4-1+b5 libsemanage 3.4-1
  libsepol2 3.4-2.1 libsepol
  libsmartcols1 2.38.1-5+b1 util-linux 2.38.1-5
  libss2 1.47.0-2 e2fsprogs
  libstdc++6 12.2.0-14 gcc-12
  libsystemd0 252.6-1 systemd
  libtasn1-6 4.19.0-2
  libtinfo6 6.4-4 ncurses
  libudev1 252.6-1 systemd
  libunistring2 1.0-2 libunistring
  libuuid1 2.38.1-5+b1 util-linux 2.38.1-5
  libxxhash0 0.8.1-1 xxhash
  libzstd1 1.5.4+dfsg2-5 libzstd
  login 1:4.13+dfsg1-1+b1 shadow 1:4.13+dfsg1-1
  logsave 1.47.0-2 e2fsprogs
  mawk 1.3.4.20200120-3.1
  mount 2.38.1-5+b1 util-linux 2.38.1-5
  ncurses-base 6.4-4 ncurses
  ncurses-bin 6.4-4 ncurses
  passwd 1:4.13+dfsg1-1+b1 shadow 1:4.13+dfsg1-1
  perl-base 5.36.0-7 perl
  sed 4.9-1
  sysvinit-utils 3.06-4 sysvinit
  tar 1.34+dfsg-1.2
  tzdata 2023c-5
  usr-is-merged 35 usrmerge
  util-linux 2.38.1-5+b1 util-linux 2.38.1-5
  util-linux-extra 2.38.1-5+b1 util-linux 2.38.1-5
  zlib1g 1:1.2.13.dfsg-1 zlib
`);

/** What the application's first instruction installs. */
export const addedPackages: readonly DebianPackage[] = read(`
  ca-certificates 20230311
  curl 7.88.1-10
  libcurl4 7.88.1-10 curl
  libexpat1 2.5.0-1+deb12u2 expat
  libnghttp2-14 1.52.0-1+deb12u2 nghttp2
  libpython3.11-minimal 3.11.2-6 python3.11
  libpython3.11-stdlib 3.11.2-6 python3.11
  libsqlite3-0 3.40.1-2 sqlite3
  libssl3 3.0.9-1 openssl
  openssl 3.0.9-1
  python3.11 3.11.2-6
  python3-urllib3 1.26.12-1 python-urllib3
`);

/** The files by which dpkg knows these packages: its status, and for each the list of its files. */
export function dpkgDatabase(packages: readonly DebianPackage[]): TarMember[] {
  return [
    { name: "var/lib/dpkg/status", content: `${packages.map(stanza).join("\n")}` },
    ...packages.map(({ name }) => ({
      name: `var/lib/dpkg/info/${name}.list`,
      content: filesOf(name)
        .map((path) => `/${path}\n`)
        .join(""),
    })),
  ];
}

/** The metadata of the one Python package here that Debian's package manager owns. */
export const ownedPythonMetadata: TarMember = {
  name: "usr/lib/python3/dist-packages/urllib3-1.26.12.egg-info/PKG-INFO",
  content: "Metadata-Version: 2.1\nName: urllib3\nVersion: 1.26.12\nLicense: MIT\n",
};

function filesOf(name: string): string[] {
  return [`usr/share/doc/${name}/copyright`, ...(name === "python3-urllib3" ? [String(ownedPythonMetadata.name)] : [])];
}

function stanza({ name, version, source, sourceVersion }: DebianPackage): string {
  const origin = source === undefined ? "" : `Source: ${source}${sourceVersion ? ` (${sourceVersion})` : ""}\n`;
  return [
    `Package: ${name}\nStatus: install ok installed\nPriority: required\nSection: misc\n`,
    `Maintainer: Debian <debian-devel@lists.debian.org>\nArchitecture: amd64\n`,
    `${origin}Version: ${version}\nDescription: ${name} as Debian 12 has it\n`,
  ].join("");
}

function read(lines: string): DebianPackage[] {
  return lines
    .trim()
    .split("\n")
    .map((line) => {
      const [name = "", version = "", source, sourceVersion] = line.trim().split(" ");
      return { name, version, ...(source ? { source } : {}), ...(sourceVersion ? { sourceVersion } : {}) };
    });
}
