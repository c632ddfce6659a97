/**
 * The user of programs in a Windows image that does not name one. Source: Microsoft, "Securing Windows containers"; on
 * Linux it is root.
 */
export const windowsAdministrator = "ContainerAdministrator";
