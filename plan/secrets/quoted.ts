// What reads a file quotes what it does not like there: the value, which may be a secret that stands in the wrong place.

/** By those who read YAML and JSON in Go, Python and Rust: what comes before the value stays, and so does what it was to be. */
const quoting: RegExp[] = [
  // Go: cannot unmarshal !!str `hunter2` into config.BasicAuth
  /(?<=!![\w/.-]{1,40} )`.{0,200}?`(?= into\b)/gs,
  /(?<=\b(?:unknown anchor|undefined alias) )'[^'\n]*'/g,
  // pydantic: [type=int_parsing, input_value='hunter2', input_type=str]; (type=value_error; given=hunter2; permitted=…)
  /(?<=\binput_value=).{0,500}?(?=, input_type=)/gs,
  /(?<=\bgiven=)[^;)\n]*/g,
  // jsonschema: 'hunter2' is not of type 'integer'
  /(['"])(?:(?!\1)[^\n])*\1(?= (?:is not (?:of type|one of|valid|a )|does not match |is too (?:long|short)))/g,
  // Python: invalid literal for int() with base 10: 'hunter2'
  /(?<=\b(?:could not convert string to \w{1,20}|invalid literal for \w{1,20}\(\)[^:\n]{0,40}): )(['"])(?:(?!\1)[^\n])*\1/g,
  // voluptuous: expected int for dictionary value @ data['port']. Got 'hunter2'
  /(?<=\. Got )(?:(['"])(?:\\.|(?!\1)[^\n\\])*\1?|[{[][^\n]*|[\d.]+)/g,
  // Go: strconv.ParseInt: parsing "hunter2": invalid syntax; time: unknown unit "hunter" in duration "2hunter"; parse "hunter2": invalid URI for request
  /(?<=\b(?:strconv\.\w{1,20}: parsing|parse|unknown unit|(?:invalid|missing unit in|in|valid) duration(?: string:)?) )"(?:[^"\\\n]|\\.)*"/g,
  /(?<=\berror parsing regexp: [^`\n]{1,60}: )`[^`\n]*`/g,
  /(?<=\baddress )\S+(?=: (?:missing port|too many colons) in address)/g,
  // serde: invalid type: string "hunter2", expected u16
  /(?<=\binvalid (?:type|value): [\w ]{1,40}? )(?:"(?:[^"\\\n]|\\.)*"|`[^`\n]*`)/g,
  /(?<=\bunknown variant )`[^`\n]*`/g,
];

/** The words of a check, without values of the file that it checks. */
export function withoutQuoted(text: string): string {
  return quoting.reduce((rest, value) => rest.replace(value, '…'), text);
}
