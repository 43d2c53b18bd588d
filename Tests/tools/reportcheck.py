#!/usr/bin/env python3
"""reportcheck.py SCHEMA FILE [--lines] [--show NAME...]: holds JSON against a schema of docs/, and prints values of it.

The subset of JSON Schema 2020-12 that those files use, so that nothing need be installed; where the package jsonschema is, it
is asked too. Stricter than the standard in one point: a name that the schema does not list is an error here, so that nothing
is written that is not documented.
"""
import json
import re
import sys

TYPES = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
}
KNOWN = {
    "$schema", "$id", "$defs", "$ref", "title", "type", "const", "enum", "oneOf", "required", "properties", "items", "pattern",
    "minimum", "maxItems",
}


def is_type(value, name):
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def same(left, right):
    return type(left) is type(right) and left == right


def errors(value, schema, root, place="$"):
    """What is wrong with a value, a line each."""
    unknown = set(schema) - KNOWN
    if unknown:
        raise SystemExit(f"the schema uses {sorted(unknown)}, which is not checked here")
    if "$ref" in schema:
        target = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        yield from errors(value, target, root, place)
    if "oneOf" in schema:
        found = [list(errors(value, each, root, place)) for each in schema["oneOf"]]
        if sum(not each for each in found) != 1:
            yield f"{place}: fits {sum(not each for each in found)} of {len(found)}: {min(found, key=len)}"
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(is_type(value, name) for name in names):
            yield f"{place}: {value!r} is no {' or '.join(names)}"
            return
    if "const" in schema and not same(value, schema["const"]):
        yield f"{place}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and not any(same(value, each) for each in schema["enum"]):
        yield f"{place}: {value!r} is none of {schema['enum']}"
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        yield f"{place}: {value!r} does not match {schema['pattern']}"
    if "minimum" in schema and is_type(value, "number") and value < schema["minimum"]:
        yield f"{place}: {value} is less than {schema['minimum']}"
    if isinstance(value, list):
        if len(value) > schema.get("maxItems", len(value)):
            yield f"{place}: {len(value)} items"
        for index, item in enumerate(value):
            yield from errors(item, schema.get("items", {}), root, f"{place}[{index}]")
    if isinstance(value, dict) and "properties" in schema:
        for name in schema.get("required", []):
            if name not in value:
                yield f"{place}: {name} is missing"
        for name, item in value.items():
            if name not in schema["properties"]:
                yield f"{place}: {name} is not documented"
            else:
                yield from errors(item, schema["properties"][name], root, f"{place}.{name}")


def lookup(value, path):
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def no_duplicates(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"a name stands twice: {names}")
    return dict(pairs)


def main(arguments):
    schema_path, path, *rest = arguments
    shown = rest[rest.index("--show") + 1:] if "--show" in rest else []
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    values = [json.loads(each, object_pairs_hook=no_duplicates) for each in (text.splitlines() if "--lines" in rest else [text])]
    found = [error for value in values for error in errors(value, schema, schema)]
    try:
        import jsonschema
        validator = jsonschema.Draft202012Validator(schema)
        found += [f"jsonschema: {error.message}" for value in values for error in validator.iter_errors(value)]
    except ImportError:
        pass
    if re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]", text):
        found.append("characters that a terminal obeys")
    for error in found:
        print(error)
    for name in shown:
        print(f"{name}={json.dumps(lookup(values[-1], name), ensure_ascii=False)}")
    if not found:
        print(f"valid: {len(values)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
