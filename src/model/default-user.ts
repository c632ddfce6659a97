/**
 * Whom programs of a Windows image run as that names no user. Source: Microsoft, "Securing Windows containers"; on
 * Linux it is root.
 */
export const windowsAdministrator = "ContainerAdministrator";
