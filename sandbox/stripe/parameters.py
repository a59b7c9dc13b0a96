"""The parameters of a request, checked against the parameter types of the official SDK."""

import re
import sys
import types
from functools import cache
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin

from stripe import RequestOptions
from typing_extensions import get_type_hints, is_typeddict

from sandbox.stripe.calls import Endpoint
from sandbox.stripe.errors import Refusal, malformed
from sandbox.stripe.forms import Tree

INTEGER = re.compile(r"-?[0-9]{1,18}")
BOOLEANS = {"true": True, "false": False}


def check(given: Tree, endpoint: Endpoint) -> dict[str, Any]:
    """The values in their proper types.

    Raises Refusal for an unknown parameter, a wrong type, a missing one, and for one that Stripe knows but
    the stand-in does not model, so that nothing is silently ignored.
    """
    for name in sorted(given.keys() & endpoint.dropped.keys()):
        raise malformed(f"{name} is no longer supported.", code=endpoint.dropped[name], param=name)
    known = {**fields(endpoint.accepts), **endpoint.extra}
    checked = {name: _value(raw, known.get(name), name) for name, raw in given.items()}
    _check_complete(checked, endpoint.accepts)
    refuse_unmodelled(checked, endpoint.modelled)
    return checked


def refuse_unmodelled(given: dict[str, Any], modelled: frozenset[str], path: str = "") -> None:
    """Raise Refusal for a parameter that is not modelled, of the request or of the hash at a path in it."""
    for name in sorted(given.keys() - modelled):
        param = f"{path}[{name}]" if path else name
        message = f"The stand-in does not model the parameter {param}."
        raise malformed(message, code="not_modelled", param=param)


def _check_complete(checked: dict[str, Any], accepts: Any, path: str = "{}") -> None:
    for name in sorted(accepts.__required_keys__ - checked.keys()):
        param = path.format(name)
        raise malformed(f"Missing required param: {param}.", code="parameter_missing", param=param)


@cache
def fields(accepts: type) -> dict[str, Any]:
    """The parameters of an SDK type with their hints, without the SDK's own options."""
    options = RequestOptions.__annotations__
    own = {name: hint for name, hint in accepts.__annotations__.items() if name not in options}
    described: Any = types.SimpleNamespace(__annotations__=own)
    return get_type_hints(described, vars(sys.modules[accepts.__module__]), include_extras=True)


def _value(raw: str | Tree, hint: Any, path: str) -> Any:
    if hint is None:
        raise malformed(f"Received unknown parameter: {path}", code="parameter_unknown", param=path)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Required, NotRequired):
        return _value(raw, arguments[0], path)
    if origin in (Union, types.UnionType):
        return _any_of(raw, arguments, path)
    if isinstance(raw, str):
        return _leaf(raw, hint, path)
    return _branch(raw, hint, path)


def _any_of(raw: str | Tree, hints: tuple[Any, ...], path: str) -> Any:
    names = [name for hint in hints if get_origin(hint) is Literal for name in get_args(hint) if name]
    # The SDK widens its enumerations by str for later versions; this version takes the listed names alone.
    candidates = [hint for hint in hints if not (hint is str and names)]
    refusals: list[Refusal] = []
    for hint in candidates:
        try:
            return _value(raw, hint, path)
        except Refusal as refusal:
            refusals.append(refusal)
    raise refusals[-1]


def _leaf(raw: str, hint: Any, path: str) -> Any:
    if get_origin(hint) is Literal:
        return _named(raw, get_args(hint), path)
    if hint is str:
        return raw
    if hint is int and INTEGER.fullmatch(raw):
        return int(raw)
    if hint is bool and raw in BOOLEANS:
        return BOOLEANS[raw]
    if raw == "":
        raise malformed(f"{path} cannot be empty.", code="parameter_invalid_empty", param=path)
    if hint is int:
        raise malformed(f"Invalid integer: {raw}", code="parameter_invalid_integer", param=path)
    kind = "boolean" if hint is bool else "object"
    raise malformed(f"Invalid {kind}: {raw}", param=path)


def _named(raw: str, names: tuple[str, ...], path: str) -> str:
    if raw not in names:
        raise malformed(f"Invalid {path}: must be one of {', '.join(filter(None, names))}", param=path)
    return raw


def _branch(raw: Tree, hint: Any, path: str) -> Any:
    if is_typeddict(hint):
        return _record(raw, hint, path)
    if get_origin(hint) is list:
        return [_value(item, get_args(hint)[0], f"{path}[{index}]") for index, item in raw.items()]
    if get_origin(hint) is dict:
        return {name: _value(item, get_args(hint)[1], f"{path}[{name}]") for name, item in raw.items()}
    raise malformed(f"Invalid value for {path}", param=path)


def _record(raw: Tree, hint: Any, path: str) -> dict[str, Any]:
    known = fields(hint)
    checked = {name: _value(item, known.get(name), f"{path}[{name}]") for name, item in raw.items()}
    _check_complete(checked, hint, path=path + "[{}]")
    return checked
