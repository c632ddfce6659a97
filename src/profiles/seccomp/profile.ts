/** What the kernel does with a call. */
export type ActionKind = "ALLOW" | "LOG" | "TRACE" | "NOTIFY" | "ERRNO" | "TRAP" | "KILL_THREAD" | "KILL_PROCESS";

/** An action with its number. */
export interface Action {
  readonly kind: ActionKind;
  /** The errno of ERRNO, the message of TRACE; 0 for others. */
  readonly data: number;
}

/** Comparisons in conditions. */
export type Operator = "NE" | "LT" | "LE" | "EQ" | "GE" | "GT" | "MASKED_EQ";

/** A comparison of one argument. */
export interface Condition {
  /** 0 to 5. */
  readonly index: number;
  readonly operator: Operator;
  /** What the argument is compared with; the mask of MASKED_EQ. */
  readonly value: bigint;
  /** What the masked argument must equal. */
  readonly masked: bigint;
}

/** What of a container and its machine a rule depends on. */
export interface RuleFilter {
  readonly caps: readonly string[];
  readonly arches: readonly string[];
  readonly minKernel: Kernel | undefined;
}

/** A kernel version. */
export interface Kernel {
  readonly major: number;
  readonly minor: number;
}

/** A rule of a profile. */
export interface Rule {
  /** The position in the profile's list, from 0. */
  readonly index: number;
  readonly names: readonly string[];
  readonly action: Action;
  readonly conditions: readonly Condition[];
  readonly comment: string;
  readonly includes: RuleFilter;
  readonly excludes: RuleFilter;
}

/** The format of a profile. */
export type Dialect = "oci" | "docker" | "podman" | "operator";

/** A profile as its file has it, before it is resolved for a target. */
export interface SeccompProfile {
  readonly dialect: Dialect;
  /** The name of a resource of the operator. */
  readonly name: string | undefined;
  /** Undefined where neither an action nor a rule is stated: the container runs without seccomp. */
  readonly defaultAction: Action | undefined;
  /** Names as in the profile; of an `archMap` every entry. */
  readonly architectures: readonly string[];
  readonly architectureMap: readonly ArchitectureEntry[] | undefined;
  readonly flags: readonly string[];
  readonly listenerPath: string | undefined;
  /** A profile of the operator to which this one adds. */
  readonly baseProfile: string | undefined;
  readonly rules: readonly Rule[];
}

/** An entry of Docker's `archMap`. */
export interface ArchitectureEntry {
  readonly architecture: string;
  readonly subArchitectures: readonly string[];
}

/** All actions, the most permissive first. */
export const actionKinds: readonly ActionKind[] = [
  ...(["ALLOW", "LOG", "TRACE", "NOTIFY", "ERRNO", "TRAP", "KILL_THREAD", "KILL_PROCESS"] as const),
];

/** `ERRNO(EPERM)`; other actions by their name. */
export function actionText({ kind, data }: Action): string {
  if (kind === "ERRNO") return `ERRNO(${errnoName(data)})`;
  return kind === "TRACE" && data !== 0 ? `TRACE(${data})` : kind;
}

/** True when both have the same kind and number. */
export function isSameAction(one: Action, other: Action): boolean {
  return one.kind === other.kind && one.data === other.data;
}

/** True when the call is executed without asking anybody. */
export function isPermitted({ kind }: Action): boolean {
  return kind === "ALLOW" || kind === "LOG";
}

/** Linux's error numbers 1 to 133 by name; empty where there is none. Source: asm-generic/errno.h. */
const errnos = [
  ..." EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY".split(
    " ",
  ),
  ..."EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK".split(
    " ",
  ),
  ..."EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC".split(" "),
  ..."EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR".split(" "),
  ..."ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG".split(" "),
  ..."EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE".split(" "),
  ..."EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT".split(" "),
  ..."EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET".split(" "),
  ..."ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED".split(" "),
  ..."EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT".split(" "),
  ..."ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD".split(" "),
  ..."ENOTRECOVERABLE ERFKILL EHWPOISON".split(" "),
];

function errnoName(number: number): string {
  const name = errnos[number];
  return name === undefined || name === "" || name === "-" ? String(number) : name;
}

/** The number of an errno name; undefined for an unknown name. */
export function errnoNumber(name: string): number | undefined {
  const index = name === "" || name === "-" ? -1 : errnos.indexOf(name);
  return index > 0 ? index : undefined;
}
