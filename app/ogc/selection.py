"""Which features a CQL2 tree selects: whole columns at a time, unknown where a value is missing."""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from app.errors import BadParameterError
from app.ogc.layer import Layer, as_mask
from app.ogc.shapes import literal_shape
from geo.arrays import Bool

GEOMETRY: Final = "geometry"
_COMPARE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "=": pc.equal, "<>": pc.not_equal, "<": pc.less, "<=": pc.less_equal,
    ">": pc.greater, ">=": pc.greater_equal,
}  # fmt: skip
_COMPUTE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": pc.add, "-": pc.subtract, "*": pc.multiply, "/": pc.divide,
    "div": lambda a, b: pc.trunc(pc.divide(a, b)),
    "%": lambda a, b: pc.subtract(a, pc.multiply(pc.trunc(pc.divide(a, b)), b)),
    "^": pc.power,
}  # fmt: skip
# Each relation, and the one that it is from the other side; none without a common point.
_RELATIONS: Final[Mapping[str, tuple[Callable[..., Any], str]]] = {
    "s_within": (shapely.within, "s_contains"),
    "s_contains": (shapely.contains, "s_within"),
    "s_touches": (shapely.touches, "s_touches"),
    "s_equals": (shapely.equals, "s_equals"),
    "s_overlaps": (shapely.overlaps, "s_overlaps"),
    "s_crosses": (shapely.crosses, "s_crosses"),
}
_KINDS: Final = {"integer": "number"}


def selected(layer: Layer, tree: Any) -> Bool:
    """Which features the tree is true for, shape (n). Raises BadParameterError."""
    return as_mask(_truth(layer, tree), len(layer))


def _truth(layer: Layer, node: Any) -> Any:
    """A boolean column or scalar."""
    if isinstance(node, bool):
        return pa.scalar(node)
    op, args = _operation(node)
    if op == "property":
        return _of_kind(layer, node, "boolean", "a condition")
    if op in ("and", "or"):
        parts = [_truth(layer, arg) for arg in _at_least(args, 2, op)]
        return reduce(pc.and_kleene if op == "and" else pc.or_kleene, parts)
    if op.startswith("s_"):
        return _spatial(layer, op, _exactly(args, 2, op))
    if op in _COMPARE:
        return _COMPARE[op](*_alike(layer, _exactly(args, 2, op)))
    if op not in _CONDITIONS:
        raise _bad(f"has {op!r:.80}, which is not known here")
    count, condition = _CONDITIONS[op]
    return condition(layer, *_exactly(args, count, op))


def _not(layer: Layer, node: Any) -> Any:
    return pc.invert(_truth(layer, node))


def _between(layer: Layer, *nodes: Any) -> Any:
    value, low, high = (_of_kind(layer, node, "number", "BETWEEN") for node in nodes)
    return pc.and_kleene(pc.greater_equal(value, low), pc.less_equal(value, high))


def _is_null(layer: Layer, node: Any) -> Any:
    if isinstance(node, dict) and node.get("property") == GEOMETRY:
        return pa.array(np.isnan(layer.inner[:, 0]))
    return pc.is_null(_value(layer, node)[0])


def _among(layer: Layer, node: Any, some: Any) -> Any:
    if not isinstance(some, list) or not some:
        raise _bad("has IN without a list of values")
    return reduce(pc.or_kleene, [pc.equal(*_alike(layer, [node, other])) for other in some])


def _like(layer: Layer, node: Any, pattern: Any) -> Any:
    text = _of_kind(layer, node, "string", "LIKE")
    written = _of_kind(layer, pattern, "string", "the pattern of LIKE")
    if not isinstance(written, pa.Scalar):
        raise _bad("has LIKE with a pattern that is no text")
    if isinstance(text, pa.Scalar):
        matched = pc.match_like(pa.array([text.as_py()]), written.as_py())
        return matched[0]
    return pc.match_like(text, written.as_py())


def _value(layer: Layer, node: Any) -> tuple[Any, str]:
    """A column or scalar, and its kind: `string`, `number` or `boolean`."""
    if isinstance(node, bool):
        return pa.scalar(node), "boolean"
    if isinstance(node, int | float):
        return pa.scalar(_number(node)), "number"
    if isinstance(node, str):
        return pa.scalar(_text(node)), "string"
    op, args = _operation(node)
    if op == "property":
        return _column(layer, args)
    if op in _COMPUTE:
        left, right = (_of_kind(layer, arg, "number", op) for arg in _exactly(args, 2, op))
        return _COMPUTE[op](_real(left), _real(right)), "number"
    if op in ("casei", "accenti"):
        (arg,) = _exactly(args, 1, op)
        text = _of_kind(layer, arg, "string", op.upper())
        return (_folded if op == "casei" else _without_accents)(text), "string"
    raise _bad(f"has {op!r} where a property or a value belongs")


def _column(layer: Layer, name: Any) -> tuple[Any, str]:
    if not isinstance(name, str) or name not in layer.table.column_names:
        raise BadParameterError(
            f"the filter names a property {name!r:.80}, which the features do not have",
            hint="The collection's queryables list what can be asked for.",
        )
    kind = layer.kind(name)
    column = layer.table.column(name)
    kind = _KINDS.get(kind, kind)
    return (column.cast(pa.string()) if kind == "string" else column), kind


def _alike(layer: Layer, nodes: list[Any]) -> tuple[Any, Any]:
    (left, kind), (right, other) = (_value(layer, node) for node in nodes)
    if kind != other:
        raise _bad(f"compares a {kind} with a {other}")
    return left, right


def _of_kind(layer: Layer, node: Any, wanted: str, where: str) -> Any:
    value, kind = _value(layer, node)
    if kind != wanted:
        raise _bad(f"has a {kind} where {where} needs a {wanted}")
    return value


def _spatial(layer: Layer, op: str, args: list[Any]) -> Any:
    left, right = args
    turned = not (isinstance(left, dict) and left.get("property") == GEOMETRY)
    if turned:
        left, right = right, left
    if not (isinstance(left, dict) and left.get("property") == GEOMETRY):
        raise _bad(f"has {op} without the property {GEOMETRY!r}")
    shape = literal_shape(right)
    if op in ("s_intersects", "s_disjoint"):
        met = layer.intersecting(shape)
        known = ~np.isnan(layer.inner[:, 0])
        return pa.array(met if op == "s_intersects" else known & ~met)
    if op not in _RELATIONS:
        raise _bad(f"has {op!r}, which is not known here")
    relation, converse = _RELATIONS[op]
    return pa.array(layer.related(shape, _RELATIONS[converse][0] if turned else relation))


def _operation(node: Any) -> tuple[str, Any]:
    if isinstance(node, dict):
        if set(node) == {"property"}:
            return "property", node["property"]
        if set(node) == {"op", "args"} and isinstance(node["op"], str):
            return node["op"], node["args"]
        if "date" in node or "timestamp" in node or "interval" in node:
            raise _bad("asks for a time, and no property is one")
    raise _bad("has a part that is no condition, property or value")


def _exactly(args: Any, count: int, op: str) -> list[Any]:
    if not isinstance(args, list) or len(args) != count:
        raise _bad(f"has {op!r} without its {count} argument{'s' * (count > 1)}")
    return args


def _at_least(args: Any, count: int, op: str) -> list[Any]:
    if not isinstance(args, list) or len(args) < count:
        raise _bad(f"has {op!r} with fewer than {count} arguments")
    return args


def _number(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise _bad("has a number beyond all bounds") from None


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _bad("has half a character (a lone surrogate)") from None
    return value


def _real(value: Any) -> Any:
    return value.cast(pa.float64())


def _folded(text: Any) -> Any:
    return pc.utf8_lower(text)


def _without_accents(text: Any) -> Any:
    apart = pc.utf8_normalize(text, form="NFD")
    return pc.replace_substring_regex(apart, pattern=r"\p{Mn}", replacement="")


_CONDITIONS: Final[Mapping[str, tuple[int, Callable[..., Any]]]] = {
    "not": (1, _not),
    "isNull": (1, _is_null),
    "between": (3, _between),
    "in": (2, _among),
    "like": (2, _like),
}


def _bad(what: str) -> BadParameterError:
    return BadParameterError(f"the filter {what}", hint="See docs/gis.md for what filters can say.")
