/**
 * The syntax tree of an AppArmor policy file. Words are kept as they are written, with quotes and escapes, so that a
 * printed file compiles to the same policy; `wordValue` gives the meaning of a word.
 */
export type Statement =
  | Comment
  | Abi
  | Include
  | Alias
  | VariableAssignment
  | BooleanAssignment
  | Profile
  | Conditional
  | Block
  | Rule;

interface Node {
  readonly line: number;
}

/** A comment, up to the end of its line. */
export interface Comment extends Node {
  readonly kind: "comment";
  /** The text after `#`. */
  readonly text: string;
}

/** A file of policy: `<path>` is searched in the include folders, a plain path is opened. */
export interface FileReference {
  readonly path: string;
  readonly searched: boolean;
}

/** `abi`: the kernel features that the policy is written for. */
export interface Abi extends Node, FileReference {
  readonly kind: "abi";
}

/** `include`: statements of another file. */
export interface Include extends Node, FileReference {
  readonly kind: "include";
  readonly ifExists: boolean;
}

/** `alias`: rules for one path also apply to another. */
export interface Alias extends Node {
  readonly kind: "alias";
  readonly from: string;
  readonly to: string;
}

/** How a variable gets its values: new, added, unless defined, replaced. */
export type AssignmentOperator = "=" | "+=" | "?=" | ":=";

/** An assignment to `@{NAME}`. */
export interface VariableAssignment extends Node {
  readonly kind: "variable";
  readonly name: string;
  readonly operator: AssignmentOperator;
  readonly values: readonly string[];
}

/** An assignment to `${NAME}`. */
export interface BooleanAssignment extends Node {
  readonly kind: "boolean";
  readonly name: string;
  readonly operator: AssignmentOperator;
  readonly value: Expression;
}

/** A comparison in a condition. */
export type Comparison = "==" | "!=" | "in" | ">" | ">=" | "<" | "<=";

/** A condition of `if`. */
export type Expression =
  | { readonly kind: "or" | "and"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "not"; readonly operand: Expression }
  | { readonly kind: "defined"; readonly variable: string }
  | { readonly kind: "value"; readonly word: string }
  | { readonly kind: "compare"; readonly left: string; readonly operator: Comparison; readonly right: string };

/** A profile, a child profile or a hat. */
export interface Profile extends Node {
  readonly kind: "profile";
  /** `^` is the short form of `hat`; a top-level profile may have no keyword. */
  readonly keyword: "" | "profile" | "hat" | "^";
  readonly name: string;
  readonly attachment: string | undefined;
  readonly xattrs: readonly Condition[] | undefined;
  readonly flags: readonly string[];
  readonly body: readonly Statement[];
}

/** `if` with its branches. */
export interface Conditional extends Node {
  readonly kind: "if";
  readonly condition: Expression;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[] | Conditional | undefined;
}

/** Rules that share a prefix. */
export interface Block extends Node {
  readonly kind: "block";
  readonly prefix: Prefix;
  readonly body: readonly Statement[];
}

/** The words before a rule. */
export interface Prefix {
  readonly priority: number | undefined;
  readonly audit: boolean;
  readonly decision: "allow" | "deny" | "prompt" | undefined;
  readonly owner: "owner" | "other" | undefined;
}

/** `name=value`, `name=(value, value)`, `name in (value)`, or only `name`. */
export interface Condition {
  readonly name: string;
  readonly operator: "=" | "in" | undefined;
  readonly values: readonly string[];
  readonly list: boolean;
}

/** A rule of a profile. */
export type Rule =
  | FileRule
  | LinkRule
  | CapabilityRule
  | AccessRule
  | MountRule
  | PivotRootRule
  | ChangeProfileRule
  | ResourceLimitRule
  | AllRule;

interface PrefixedNode extends Node {
  readonly prefix: Prefix;
}

/** Permissions for a path. */
export interface FileRule extends PrefixedNode {
  readonly kind: "file";
  /** Missing in `file,`, which stands for every path. */
  readonly path: string | undefined;
  readonly permissions: string;
  /** Permissions come before the path. The target of a rule with `l` is then what is linked. */
  readonly leading: boolean;
  readonly environment: "safe" | "unsafe" | undefined;
  readonly subset: boolean;
  readonly target: string | undefined;
}

/** `link`: hard links from one path to another. */
export interface LinkRule extends PrefixedNode {
  readonly kind: "link";
  readonly subset: boolean;
  readonly path: string;
  readonly target: string;
}

/** `capability`: capabilities of the kernel. */
export interface CapabilityRule extends PrefixedNode {
  readonly kind: "capability";
  /** Empty for all capabilities. */
  readonly names: readonly string[];
}

/** Rules that have accesses and conditions. */
export const accessKinds = ["network", "dbus", "unix", "signal", "ptrace", "userns", "mqueue", "io_uring"] as const;

/** A rule with accesses and conditions: sockets, messages, signals, tracing. */
export interface AccessRule extends PrefixedNode {
  readonly kind: (typeof accessKinds)[number];
  readonly access: readonly string[];
  /** Family and type of `network`, the queue of `mqueue`. */
  readonly words: readonly string[];
  readonly conditions: readonly Condition[];
  readonly peer: readonly Condition[] | undefined;
}

/** `mount`, `remount` or `umount`. */
export interface MountRule extends PrefixedNode {
  readonly kind: "mount" | "remount" | "umount";
  readonly conditions: readonly Condition[];
  readonly source: string | undefined;
  readonly target: string | undefined;
}

/** `pivot_root`: a change of the root folder. */
export interface PivotRootRule extends PrefixedNode {
  readonly kind: "pivot_root";
  readonly conditions: readonly Condition[];
  readonly path: string | undefined;
  readonly target: string | undefined;
}

/** `change_profile`: the process may change to another profile. */
export interface ChangeProfileRule extends PrefixedNode {
  readonly kind: "change_profile";
  readonly environment: "safe" | "unsafe" | undefined;
  readonly path: string | undefined;
  readonly target: string | undefined;
}

/** `set rlimit`: a limit that the process gets. */
export interface ResourceLimitRule extends PrefixedNode {
  readonly kind: "rlimit";
  readonly name: string;
  readonly value: string;
  readonly unit: string | undefined;
}

/** `all`: everything. */
export interface AllRule extends PrefixedNode {
  readonly kind: "all";
}
