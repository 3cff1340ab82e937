"""One tree for all routes.

A router that tries routes one after another slows down with every capability, and takes
`POST /requests/1:assign` for `POST /requests/{id}`. Here a path is walked segment by segment; a word
in the template wins over a placeholder, and a verb after the last colon is part of the route.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote_to_bytes

T = TypeVar("T")

_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_.]*)(?:=(\*\*|\*))?\}")


@dataclass(slots=True)
class _Node(Generic[T]):
    words: "dict[str, _Node[T]]" = field(default_factory=dict)
    any: "_Node[T] | None" = None
    ends: dict[str, dict[str, tuple[T, tuple[str, ...]]]] = field(default_factory=dict)
    """Verb after the colon → HTTP method → (target, the names of the placeholders passed)."""
    rest: dict[str, dict[str, tuple[T, tuple[str, ...]]]] = field(default_factory=dict)
    """The same, for a last placeholder that takes all remaining segments."""


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """The route of a path."""

    target: T
    params: Mapping[str, str]


class Routes(Generic[T]):
    """A compiled set of routes."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, method: str, template: str, target: T) -> None:
        """Add one route; ValueError where another one already answers exactly this."""
        path, _, verb = _split_verb(template)
        node, names, segments = self._root, [], path.strip("/").split("/")
        ends = None
        for position, segment in enumerate(segments):
            placeholder = _PLACEHOLDER.fullmatch(segment)
            if placeholder is None:
                if "{" in segment or "*" in segment:
                    raise ValueError(f"{template}: a segment is a word or a placeholder")
                node = node.words.setdefault(segment, _Node())
                continue
            names.append(placeholder[1])
            if placeholder[2] == "**":
                if position != len(segments) - 1:
                    raise ValueError(f"{template}: ** stands at the end only")
                ends = node.rest
            else:
                node.any = node.any or _Node()
                node = node.any
        methods = (node.ends if ends is None else ends).setdefault(verb, {})
        if method in methods:
            raise ValueError(f"{method} {template} is taken")
        methods[method] = (target, tuple(names))

    def find(self, method: str, path: str) -> "Match[T] | tuple[str, ...] | None":
        """The match; the methods that are allowed where only the method is wrong; None where nothing is.

        `path` is as the client sent it, percent-encoded: %2F and %3A in a segment never split it, and a
        plain colon always begins a verb.
        """
        base, _, verb = _split_verb(path)
        segments = base[1:].split("/")
        allowed: set[str] = set()
        found = _walk(self._root, segments, 0, [], verb, method, allowed)
        if found is not None:
            return found
        return tuple(sorted(allowed)) or None


def placeholders(template: str) -> tuple[str, ...]:
    """The names of a template's placeholders, in order."""
    return tuple(match[1] for match in _PLACEHOLDER.finditer(template))


def _split_verb(path: str) -> tuple[str, str, str]:
    slash, colon = path.rfind("/"), path.rfind(":")
    if colon > slash and "}" not in path[colon:]:
        return path[:colon], ":", path[colon + 1 :]
    return path, "", ""


def _walk(
    node: _Node[T],
    segments: list[str],
    position: int,
    values: list[str],
    verb: str,
    method: str,
    allowed: set[str],
) -> Match[T] | None:
    if position == len(segments):
        return _end(node.ends, values, verb, method, allowed)
    segment = segments[position]
    following = node.words.get(segment)
    if following is not None:
        found = _walk(following, segments, position + 1, values, verb, method, allowed)
        if found is not None:
            return found
    if node.any is not None and segment:
        found = _walk(node.any, segments, position + 1, [*values, segment], verb, method, allowed)
        if found is not None:
            return found
    if node.rest and segments[-1]:
        return _end(node.rest, [*values, "/".join(segments[position:])], verb, method, allowed)
    return None


def _end(
    ends: dict[str, dict[str, tuple[T, tuple[str, ...]]]],
    values: list[str],
    verb: str,
    method: str,
    allowed: set[str],
) -> Match[T] | None:
    methods = ends.get(verb)
    if methods is None:
        return None
    end = methods.get(method)
    if end is None:
        allowed.update(methods)
        return None
    target, names = end
    if any("%" in value for value in values):
        try:
            values = [unquote_to_bytes(value).decode() for value in values]
        except UnicodeDecodeError:
            return None
    return Match(target, dict(zip(names, values, strict=True)))
