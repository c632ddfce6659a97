import type { ChannelFix, FixStatus } from "../model/findings/finding.ts";

/** What to do about a package without a fix to upgrade to, and why: a verb for it, and a clause. */
export const withoutFix: Readonly<Record<FixStatus, { readonly verb: string; readonly reason: string }>> = {
  affected: { verb: "watch", reason: "no fix yet" },
  fixed: { verb: "watch", reason: "no fixed version known" },
  "under-investigation": { verb: "watch", reason: "the publisher is still investigating" },
  "fix-deferred": { verb: "watch", reason: "the publisher deferred the fix" },
  "will-not-fix": { verb: "replace", reason: "the publisher will not fix it" },
  "end-of-life": { verb: "replace", reason: "the package is no longer maintained" },
};

/** What people call a channel. */
export const channelNames: Readonly<Record<ChannelFix["channel"], string>> = {
  esm: "ESM",
  eus: "EUS",
  fips: "FIPS",
  ksplice: "Ksplice",
  livepatch: "Livepatch",
  ltss: "LTSS",
};
