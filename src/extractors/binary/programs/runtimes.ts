import type { Program } from "./program.ts";

/** Interpreters, compilers and virtual machines of languages. */
export const runtimes: readonly Program[] = [
  {
    name: "node",
    files: ["node", "nodejs"],
    texts: [
      { near: "node.js/v", version: /node\.js\/v(\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?)/ },
      { near: "/node-v", version: /\/node-v(\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?)(?:-headers)?\.tar/ },
      { near: "\0moduleLoadList", version: /\0v(\d+\.\d+\.\d+)\0moduleLoadList/ },
      { near: "\0--enable-ssl2", version: /\0v(\d+\.\d+\.\d+)\0--enable-ssl2/ },
    ],
  },
  {
    name: "deno",
    files: ["deno"],
    texts: [
      { near: "Deno/", version: /Deno\/(\d+\.\d+\.\d+)/ },
      { near: "release/v", version: /release\/v(\d+\.\d+\.\d+)windows/ },
      { near: "deno-", version: /deno-(?:canary\/)?[0-9a-f]{40}(\d+\.\d+\.\d+)/ },
      { near: "DENO_UNSTABLE", version: /(\d{1,2}\.\d{1,3}\.\d{1,3}?)[0-9a-f]{40}DENO_UNSTABLE/ },
    ],
  },
  {
    name: "bun",
    files: ["bun", "bunx"],
    texts: [
      { near: "bun-v", version: /\bbun-v(\d+\.\d+\.\d+)[^\d.]/ },
      { near: "\nBun v", version: /\nBun v(\d+\.\d+\.\d+)/ },
    ],
  },
  {
    name: "pypy",
    files: ["pypy", "pypy3"],
    prefixes: ["libpypy", "pypy3."],
    texts: [{ near: "[PyPy ", version: /\[PyPy (\d+\.\d+\.\d+)/ }],
  },
  {
    name: "python",
    prefixes: ["python2.", "python3.", "libpython2.", "libpython3."],
    named: /^(?:lib)?python(\d\.\d{1,2})/,
    texts: [{ near: "{named}.", version: /[\0/](\d\.\d{1,2}\.\d{1,2}(?:(?:a|b|rc)\d{1,2})?\+?)\0/ }],
  },
  {
    name: "ruby",
    files: ["ruby"],
    prefixes: ["libruby", "ruby2.", "ruby3.", "ruby4."],
    texts: [{ near: "ruby ", version: /\0ruby (\d\.\d+\.\d+(?:p\d+|preview\d|rc\d)?) ?\(\d{4}-/ }],
  },
  {
    name: "perl",
    files: ["perl"],
    prefixes: ["perl5.", "libperl.so"],
    texts: [
      { near: "/perl5/", version: /\/perl5\/(?:site_perl\/)?(5\.\d{1,2}\.\d{1,2})\0/ },
      { near: "/perl/", version: /\/perl\/(5\.\d{1,2}\.\d{1,2})\0/ },
    ],
  },
  {
    name: "php",
    files: ["php", "php-fpm", "php-cgi", "phpdbg"],
    prefixes: ["libphp"],
    texts: [{ near: "X-Powered-By: PHP/", version: /X-Powered-By: PHP\/(\d+\.\d+\.\d+(?:(?:alpha|beta|RC)\d+)?)/ }],
  },
  {
    name: "graalvm",
    files: ["java"],
    texts: [{ near: "\x000.0\0", version: /\0java\x000\.0\0(\d[\w.+-]{0,40}-jvmci-[\w.-]{1,40})\0/ }],
  },
  {
    name: "openjdk",
    files: ["java", "jdb"],
    texts: [
      { near: "\x000.0\0", version: /\0openjdk\0(?:java|jdb)\x000\.0\0(\d[\w.+-]{1,60})\0/ },
      { near: "\0openjdk\0java\0", version: /\0openjdk\0java\0(\d[\w.+-]{1,60})\0/ },
    ],
  },
  {
    name: "jre",
    files: ["java"],
    texts: [{ near: "\x000.0\0", version: /\0java\x000\.0\0(\d[\w.+-]{1,60})\0/ }],
  },
  {
    name: "go",
    files: ["go"],
    texts: [{ near: "go1.", version: /\0go(1\.\d+(?:\.\d+)?(?:(?:beta|rc)\d+)?)\0/ }],
  },
  {
    name: "rust",
    prefixes: ["libstd-"],
    texts: [
      { near: "rustc version ", version: /rustc version (\d+\.\d+\.\d+(?:-[a-z]+(?:\.\d+)?)?) \(/ },
      { near: "ec 1.", version: /ec (1\.\d+\.\d+) \([0-9a-f]{9} \d{4}-\d\d-\d\d\)/ },
    ],
  },
  {
    name: "erlang",
    files: ["erlexec", "beam.smp", "liberts_internal.a"],
    texts: [
      { near: "/otp_src_", version: /\/otp_src_(\d+(?:\.\d+)+)\// },
      { near: "Erlang/OTP ", version: /\0(\d+(?:\.\d+)+)\0+Erlang\/OTP \d/ },
      { near: "[kernel-poll:%s]\n\0", version: /\[kernel-poll:%s\]\n\0(\d+(?:\.\d+)+)\0/ },
    ],
  },
  {
    name: "elixir",
    files: ["elixir", "elixir.app"],
    texts: [
      { near: "ELIXIR_VERSION=", version: /\nELIXIR_VERSION=(\d+\.\d+\.\d+(?:-[\w.]+)?)\n/ },
      { near: "{vsn,", version: /\{vsn, ?"(\d+\.\d+\.\d+(?:-[\w.]+)?)"\}/ },
    ],
  },
  {
    name: "dart",
    files: ["dart"],
    texts: [
      { near: " (stable) (", version: /\0(\d+\.\d+\.\d+) \(stable\) \([A-Z]/ },
      { near: " (beta) (", version: /\0(\d+\.\d+\.\d+(?:-[\w.]+)?) \(beta\) \([A-Z]/ },
      { near: " (dev) (", version: /\0(\d+\.\d+\.\d+(?:-[\w.]+)?) \(dev\) \([A-Z]/ },
    ],
  },
  {
    name: "ghc",
    files: ["ghc"],
    prefixes: ["ghc-"],
    texts: [{ near: "libHSghc-", version: /libHSghc-(\d+\.\d+\.\d+)-/ }],
  },
  {
    name: "cabal",
    files: ["cabal"],
    texts: [
      { near: "/cabal-install-", version: /\/cabal-install-(\d+(?:\.\d+)+)-/ },
      { near: "Cabal-", version: /\0Cabal-(\d+(?:\.\d+)+)-inplace/ },
    ],
  },
  {
    name: "julia",
    prefixes: ["libjulia-internal.so."],
    named: /^libjulia-internal\.so\.(\d+\.\d+)/,
    texts: [{ near: "{named}.", version: /\0(\d+\.\d+\.\d+(?:-[a-z]+\d*)?)\0/ }],
  },
  {
    name: "gcc",
    files: ["gcc"],
    texts: [{ near: "GCC: (", version: /GCC: \([^()\0]{1,60}\) (\d+\.\d+\.\d+)\0/ }],
  },
];
