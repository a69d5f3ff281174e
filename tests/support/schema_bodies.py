"""Bodies made from a JSON schema: those that fit it, and those broken at one place. Hypothesis shrinks what fails."""

import copy
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
TEXT = st.characters(exclude_categories=())  # lone halves of characters, controls and all
LONG = 400  # characters that are made of a string with no smaller limit
WRONG: tuple[Any, ...] = (
    None,
    True,
    0,
    -1.5,
    10**400,
    "",
    "x",
    [],
    {},
    [[]],
    {"text": "x"},
    "\x00",
    "\ud800",
    "a" * 30_000,
)


def fitting(schema: Schema, whole: Schema) -> st.SearchStrategy[Any]:
    """Values that fit it; `whole` is the document that its references point into."""
    if "$ref" in schema:
        return fitting(_at(schema["$ref"], whole), whole)
    if "anyOf" in schema:
        return st.one_of(*(fitting(one, whole) for one in schema["anyOf"]))
    match schema["type"]:
        case "null":
            return st.none()
        case "string":
            most = min(schema.get("maxLength", LONG), LONG)
            return st.text(TEXT, min_size=schema.get("minLength", 0), max_size=most)
        case "array":
            return st.lists(fitting(schema["items"], whole), max_size=min(schema.get("maxItems", 3), 3))
        case "object":
            named = {name: fitting(one, whole) for name, one in schema["properties"].items()}
            needed = {name: one for name, one in named.items() if name in schema.get("required", ())}
            return st.fixed_dictionaries(needed, optional={n: one for n, one in named.items() if n not in needed})
    raise ValueError(f"the schema has a type this generator does not know: {schema['type']}")


@st.composite
def broken(draw: st.DrawFn, schema: Schema, whole: Schema) -> Any:
    """A fitting value with one place replaced, removed, renamed, repeated or made much too long."""
    value = draw(fitting(schema, whole))
    path = draw(st.sampled_from(list(_places(value))))
    if not path:
        return draw(st.sampled_from(WRONG))
    value = copy.deepcopy(value)
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    match draw(st.sampled_from(["replace", "remove", "rename", "repeat"])):
        case "replace":
            inner[path[-1]] = draw(st.sampled_from(WRONG))
        case "remove":
            del inner[path[-1]]
        case "rename" if isinstance(inner, dict):
            inner[draw(st.text(min_size=1, max_size=8))] = inner.pop(path[-1])
        case _ if isinstance(inner, list):
            inner.extend([inner[path[-1]]] * 12)
        case _:
            inner["again"] = inner[path[-1]]
    return value


def _places(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [before, *(place for step, one in inner for place in _places(one, (*before, step)))]


def _at(reference: str, whole: Schema) -> Schema:
    found = whole
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found
