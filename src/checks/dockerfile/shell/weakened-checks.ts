import { divideArguments, hasOption } from "./invocation.ts";
import { packageCommand } from "./package-command.ts";
import type { RunCommand } from "./run-commands.ts";

/** A variable that a program reads. */
interface Variable {
  readonly name: string;
  readonly value: string;
}

const off = /^(?:0|false|no|off)$/i;

// Options of curl that take a value: in a word of several options the rest of the word is that value.
const curlValued = "AbcCdDeEFHhKmMoPQrtTuUwxXyYz";

/** True for a variable that switches off the verification of certificates. */
export function disablesTls({ name, value }: Variable): boolean {
  switch (name.toUpperCase()) {
    case "GIT_SSL_NO_VERIFY":
    case "PIP_TRUSTED_HOST":
    case "GOINSECURE":
      return name === name.toUpperCase();
    case "PYTHONHTTPSVERIFY":
    case "NODE_TLS_REJECT_UNAUTHORIZED":
      return value === "0" && name === name.toUpperCase();
    case "NPM_CONFIG_STRICT_SSL":
    case "YARN_STRICT_SSL":
    case "YARN_ENABLE_STRICT_SSL":
      return off.test(value);
    default:
      return false;
  }
}

/** The words with which a command switches off the verification of certificates. */
export function tlsWords(command: RunCommand): string | undefined {
  const { program, args } = command;
  if (program === "curl") {
    const option = args.find(
      (word) => word === "--insecure" || word === "--proxy-insecure" || hasCurlLetter(word, "k"),
    );
    return option === undefined ? undefined : `curl ${option.startsWith("--") ? option : "-k"}`;
  }
  if (program === "wget") return found("wget", args, /^--no-check-cert/);
  if (program === "git") return gitTls(args);
  if (program === "aws") return found("aws", args, /^--no-verify-ssl$/);
  if (program === "composer")
    return inOrder(args, ["config", "disable-tls", "true"]) ? "composer config disable-tls" : undefined;
  if (program === "conda")
    return inOrder(args, ["config", "ssl_verify", "false"]) ? "conda ssl_verify false" : undefined;
  if (args.includes("--insecure-skip-tls-verify")) return `${program} --insecure-skip-tls-verify`;
  return packageTls(command);
}

/** The words with which a command accepts packages that are unsigned, or signed by any key. */
export function signatureWords(command: RunCommand): string | undefined {
  const { program, args } = command;
  if (program === "rpm") return rpmWords(args);
  if (program === "echo" || program === "printf") {
    // Packages in a folder of the build come from the step itself.
    const source = /\bdeb(?:-src)?\s+\[[^\]]{0,200}trusted\s*=\s*yes[^\]]{0,200}\]\s*(?!file:|copy:|\/|\s)/;
    const line = args.some((word) => source.test(word));
    return line ? "trusted=yes" : undefined;
  }
  const asked = packageCommand(command);
  switch (asked?.manager) {
    case "apk":
      return found(program, args, /^--allow-untrusted$/);
    case "apt":
      return (
        found(program, args, /^--(?:allow-unauthenticated|force-yes|allow-insecure-repositories|no-allow-.*secure)$/) ??
        found(
          program,
          asked.values.map(({ value }) => value),
          /AllowUnauthenticated|AllowInsecureRepositories|Check-Valid-Until\s*=\s*"?false/i,
        )
      );
    case "dnf":
      return (
        found(program, args, /^--no-?gpg-?checks?$/) ?? setOption(program, asked.values, /(?:^|\.)(?:repo_)?gpgcheck$/)
      );
    case "zypper":
      return found(program, args, /^--(?:no-gpg-checks|nogpgcheck|allow-unsigned-rpm)$/);
    case "pip":
    case "npm":
    case "yarn":
    case "gem":
    case "go":
    case undefined:
      return undefined;
  }
}

/** An installation by rpm without signatures or digests; popt knows no short forms of these options. */
function rpmWords(args: readonly string[]): string | undefined {
  const isQuery = args.some((word) =>
    /^(?:-[qVKe][A-Za-z]*|--(?:query|verify|checksig|erase|eval|showrc))$/.test(word),
  );
  if (isQuery) return undefined;
  const option = found("rpm", args, /^--(?:no(?:signature|digest|filedigest|verify|gpg\w*))$/);
  if (option !== undefined) return option;
  const level = args.find(
    (word, index) =>
      /^(?:_pkgverify_level|%?_pkgverify_level)\s+(?:none|digest)$/.test(word) &&
      ["-D", "--define"].includes(args[index - 1] ?? ""),
  );
  return level === undefined ? undefined : `rpm --define '${level}'`;
}

function packageTls(command: RunCommand): string | undefined {
  const { program, args } = command;
  const asked = packageCommand(command);
  switch (asked?.manager) {
    case "pip": {
      if (hasOption(asked.options, "--trusted-host")) return `${program} --trusted-host`;
      return asked.verb === "configure" && args.some((word) => /(?:^|\.)trusted-host/.test(word))
        ? "pip config trusted-host"
        : undefined;
    }
    case "npm":
    case "yarn": {
      if (args.some((word) => /^--(?:no-strict-ssl|strict-ssl=(?:false|0))$/.test(word)))
        return `${program} strict-ssl=false`;
      if (asked.verb !== "configure") return undefined;
      const index = args.findIndex((word) => /^(?:strict-ssl|enableStrictSsl)(?:=|$)/.test(word));
      const word = args[index] ?? "";
      const value = word.includes("=") ? word.slice(word.indexOf("=") + 1) : (args[index + 1] ?? "");
      return index !== -1 && off.test(value) && !args.slice(0, index).includes("get")
        ? `${program} strict-ssl=false`
        : undefined;
    }
    case "dnf":
      return setOption(program, asked.values, /(?:^|\.)sslverify$/);
    case "apt":
      return found(
        program,
        asked.values.map(({ value }) => value),
        /Verify-(?:Peer|Host)\s*=\s*"?false/i,
      );
    default:
      return undefined;
  }
}

/** `--setopt=NAME=VALUE` of yum and dnf. */
function setOption(
  program: string,
  values: readonly { option: string; value: string }[],
  name: RegExp,
): string | undefined {
  const set = values.find(({ option, value }) => {
    const sign = value.indexOf("=");
    return option === "--setopt" && sign !== -1 && name.test(value.slice(0, sign)) && off.test(value.slice(sign + 1));
  });
  return set === undefined ? undefined : `${program} --setopt=${set.value}`;
}

function gitTls(args: readonly string[]): string | undefined {
  const words = args.map((word) => word.toLowerCase());
  const isSetting = (word: string): boolean => /^http\.(?:\S{1,200}\.)?sslverify(?:=|$)/.test(word);
  const index = words.findIndex(isSetting);
  if (index === -1) return undefined;
  const word = words[index] ?? "";
  const value = word.includes("=") ? word.slice(word.indexOf("=") + 1) : (words[index + 1] ?? "");
  return off.test(value) ? "git http.sslVerify=false" : undefined;
}

function found(program: string, words: readonly string[], pattern: RegExp): string | undefined {
  const word = words.find((each) => pattern.test(each));
  return word === undefined ? undefined : `${program} ${word.slice(0, 80)}`;
}

function inOrder(args: readonly string[], wanted: readonly string[]): boolean {
  const { operands } = divideArguments(args);
  let from = 0;
  return wanted.every((word) => {
    const at = operands.indexOf(word, from);
    from = at + 1;
    return at !== -1;
  });
}

function hasCurlLetter(word: string, wanted: string): boolean {
  if (!/^-[A-Za-z0-9#:]+$/.test(word)) return false;
  for (const letter of word.slice(1)) {
    if (letter === wanted) return true;
    if (curlValued.includes(letter)) return false;
  }
  return false;
}
