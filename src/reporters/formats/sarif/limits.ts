/*
 * What GitHub takes of a SARIF file. Source: "SARIF support for code scanning" of GitHub's documentation, read in 2026;
 * GitLab, Azure DevOps and Jenkins take more.
 */

/** Runs in a file; a file with more is rejected. */
export const mostRuns = 20;

/** Results in a run: GitHub accepts 25,000 and shows the first 5,000, so the others are left out here, and counted. */
export const mostResults = 5000;

/** Notifications in a run: a limit of our own. */
export const mostNotifications = 1000;

/** Characters of a text from a package, an advisory or a file: a limit of our own that bounds the size of the file. */
export const longestText = 1000;

/** Compressed bytes of a file; a file with more is rejected. */
export const mostCompressedBytes: number = 10 * 1024 * 1024;
