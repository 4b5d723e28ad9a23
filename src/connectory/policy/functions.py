"""The functions that policies may call: pure ones, the same in every engine."""

WHOLE = (
    *("walk", "object.keys", "object.subset", "object.filter", "object.remove", "json.filter"),
    *("json.remove", "json.patch", "json.marshal", "json.marshal_with_options", "yaml.marshal"),
    *("json.match_schema", "graph.reachable", "graph.reachable_paths", "object.union_n"),
)
"""They look things up in a part of the input without naming them."""
SETS = ("union", "intersection")
LISTS = (
    *("split", "sort", "array.concat", "array.slice", "array.reverse", "regex.split"),
    *("regex.find_n", "numbers.range", "numbers.range_step", "indexof_n"),
)
"""They return a list of plain values."""
PLAIN = (
    *("abs", "base64.decode", "base64.encode", "base64.is_valid", "base64url.decode"),
    *("base64url.encode", "bits.and", "bits.lsh", "bits.negate", "bits.or", "bits.rsh"),
    *("bits.xor", "ceil", "concat", "contains", "count", "endswith", "floor", "format_int"),
    *("glob.match", "glob.quote_meta", "hex.decode", "hex.encode", "indexof", "is_array"),
    *("is_boolean", "is_null", "is_number", "is_object", "is_set", "is_string"),
    *("json.is_valid", "json.unmarshal", "lower", "max", "min", "net.cidr_contains"),
    *("net.cidr_expand", "net.cidr_is_valid", "object.get", "object.union", "print"),
    *("product", "regex.find_all_string_submatch_n", "regex.is_valid", "regex.match"),
    *("regex.replace", "regex.template_match", "round", "semver.compare", "semver.is_valid"),
    *("sprintf", "startswith", "strings.any_prefix_match", "strings.any_suffix_match"),
    *("strings.count", "strings.replace_n", "strings.reverse", "substring", "sum"),
    *("time.add_date", "time.clock", "time.date", "time.diff", "time.format"),
    *("time.parse_duration_ns", "time.parse_ns", "time.parse_rfc3339_ns", "time.weekday"),
    *("to_number", "trim", "trim_left", "trim_prefix", "trim_right", "trim_space"),
    *("trim_suffix", "type_name", "units.parse", "units.parse_bytes", "upper"),
    *("urlquery.decode", "urlquery.decode_object", "urlquery.encode", "yaml.is_valid"),
    *("urlquery.encode_object", "uuid.parse", "yaml.unmarshal"),
)
ALLOWED = frozenset((*WHOLE, *SETS, *LISTS, *PLAIN))
FORBIDDEN = (
    *("http.send", "opa.runtime", "net.lookup_ip_addr", "rego.parse_module", "rego.metadata"),
    *("time.now_ns", "rand.intn", "uuid.rfc4122", "trace", "io.jwt", "crypto"),
)
"""What reaches out of the rules, or answers differently the next time: not even named."""
