/** The version of Plimsoll; equal to the one in package.json, which a test checks. */
export const toolVersion = "0.1.0";
