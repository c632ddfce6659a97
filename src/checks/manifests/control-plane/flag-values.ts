// What values of flags are right; the value is undefined where the flag is not given.

/** True for this value, in any case. */
export function is(wanted: string): (value: string | undefined) => boolean {
  return (value) => value?.toLowerCase() === wanted;
}

/** True when the flag is not given. */
export function isAbsent(value: string | undefined): boolean {
  return value === undefined;
}

/** True when the flag has a value. */
export function isGiven(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "true";
}

/** True when a list has this name. */
export function has(name: string): (value: string | undefined) => boolean {
  return (value) => value?.split(",").some((one) => one.trim() === name) === true;
}

/** True when a list has not this name. */
export function lacks(name: string): (value: string | undefined) => boolean {
  return (value) => !has(name)(value);
}

/** True for a whole number from this on. */
export function atLeast(least: number): (value: string | undefined) => boolean {
  return (value) => value !== undefined && /^\d{1,9}$/.test(value) && Number(value) >= least;
}
