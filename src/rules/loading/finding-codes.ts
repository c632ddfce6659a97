/** The short titles of the codes of findings, as Falco prints them in brackets. */
export const findingTitles: Readonly<Record<string, string>> = {
  LOAD_ERR_FILE_READ: "File read error",
  LOAD_ERR_YAML_PARSE: "YAML parse error",
  LOAD_ERR_YAML_VALIDATE: "Error validating internal structure of YAML file",
  LOAD_ERR_COMPILE_CONDITION: "Error compiling condition",
  LOAD_ERR_COMPILE_OUTPUT: "Error compiling output",
  LOAD_ERR_VALIDATE: "Error validating rule/macro/list/exception objects",
  LOAD_ERR_EXTENSION: "Error in extension item",
  LOAD_UNKNOWN_SOURCE: "Unknown event source",
  LOAD_UNSAFE_NA_CHECK: "Unsafe <NA> comparison in condition",
  LOAD_NO_EVTTYPE: "Condition has no event-type restriction",
  LOAD_UNKNOWN_FILTER: "Unknown field or event-type in condition or output",
  LOAD_UNUSED_MACRO: "Unused macro",
  LOAD_UNUSED_LIST: "Unused list",
  LOAD_UNKNOWN_ITEM: "Unknown rules file item",
  LOAD_DEPRECATED_ITEM: "Used deprecated item",
  LOAD_WARNING_EXTENSION: "Warning in extension item",
  LOAD_APPEND_NO_VALUES: "Overriding/appending with no values",
  LOAD_EXCEPTION_NAME_NOT_UNIQUE: "Multiple exceptions defined with the same name",
  LOAD_INVALID_MACRO_NAME: "Invalid macro name",
  LOAD_INVALID_LIST_NAME: "Invalid list name",
  LOAD_COMPILE_CONDITION: "Warning in rule condition",
  LOAD_UNKNOWN_KEY: "Unknown key in item definition",
};

/** What each warning means and what to do about it, for JSON reports; an error's description is its title. */
export const warningDescriptions: Readonly<Record<string, string>> = {
  LOAD_UNKNOWN_SOURCE:
    "The event source of the rule is unknown, perhaps because its plugin is not configured. The rule is skipped.",
  LOAD_UNSAFE_NA_CHECK:
    "A field is compared with the text <NA>, which does not match a missing value. Use the exists operator to check for a value.",
  LOAD_NO_EVTTYPE: "The condition can match many event types, which costs time. Restrict it with evt.type.",
  LOAD_UNKNOWN_FILTER: "A field or event type is unknown. The rule is skipped because it sets skip-if-unknown-filter.",
  LOAD_UNUSED_MACRO: "No rule and no macro uses the macro.",
  LOAD_UNUSED_LIST: "No rule, macro or list uses the list.",
  LOAD_UNKNOWN_ITEM: "The item has an unknown type and is ignored.",
  LOAD_DEPRECATED_ITEM: "The item uses a deprecated feature that a later version will remove.",
  LOAD_WARNING_EXTENSION: "An extension item has a warning.",
  LOAD_APPEND_NO_VALUES: "An exception is appended or replaced without values.",
  LOAD_EXCEPTION_NAME_NOT_UNIQUE: "Several exceptions of one rule have the same name.",
  LOAD_INVALID_MACRO_NAME: "The name of the macro cannot be used in conditions.",
  LOAD_INVALID_LIST_NAME: "The name of the list cannot be used in conditions.",
  LOAD_COMPILE_CONDITION: "The condition is valid, but probably does not do what was intended.",
  LOAD_UNKNOWN_KEY:
    "The item has an unknown key, which may be mistyped or belong to another type of item. The key is ignored.",
};
