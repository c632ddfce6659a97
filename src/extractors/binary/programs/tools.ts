import type { Program } from "./program.ts";

/** Shells, command-line tools and browsers. */
export const tools: readonly Program[] = [
  {
    // The first of its names in a tar is the file, the others are hard links to it.
    name: "busybox",
    files: ["busybox", "busybox.static", "["],
    texts: [{ near: "BusyBox v", version: /BusyBox v(\d+\.\d+\.\d+)/ }],
  },
  {
    name: "bash",
    files: ["bash"],
    texts: [{ near: "@(#)Bash version ", version: /@\(#\)Bash version (\d+\.\d+\.\d+)/ }],
  },
  {
    name: "util-linux",
    files: ["getopt"],
    texts: [{ near: "util-linux ", version: /util-linux (\d+\.\d+(?:\.\d+)?)\0/ }],
  },
  {
    name: "curl",
    files: ["curl"],
    texts: [{ near: "curl ", version: /\0curl (\d+\.\d+\.\d+) \(/ }],
  },
  {
    name: "git",
    files: ["git"],
    texts: [{ near: "git/", version: /\bgit\/(\d+\.\d+\.\d+)\0/ }],
  },
  {
    name: "gzip",
    files: ["gzip"],
    texts: [{ near: "bad pack level\0", version: /bad pack level\0(\d+\.\d+)\0/ }],
  },
  {
    name: "zstd",
    files: ["zstd"],
    texts: [{ near: "Zstandard CLI", version: /\0v(\d+\.\d+\.\d+)\0{1,20}Zstandard CLI/ }],
  },
  {
    name: "sqlcipher",
    files: ["sqlcipher"],
    texts: [{ near: "community\0", version: /\0community\0(\d+\.\d+\.\d+)\0/ }],
  },
  {
    name: "ffmpeg",
    files: ["ffmpeg", "ffprobe"],
    texts: [{ near: "%s version ", version: /%s version n?(\d+\.\d+(?:\.\d+)?)/ }],
  },
  {
    name: "chrome",
    files: ["chrome", "chromium"],
    texts: [{ near: "\0Default\n", version: /\0(\d{2,3}\.0\.\d{4}\.\d{1,3})\0Default\n/ }],
  },
  {
    name: "wp-cli",
    files: ["wp", "wp-cli.phar"],
    texts: [{ near: "wp-cli/wp-cli ", version: /\nwp-cli\/wp-cli (\d+\.\d+\.\d+) / }],
  },
];
