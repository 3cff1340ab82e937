"""`/docs`: the API to read, as one page without scripts and without anything from elsewhere."""

import re
from collections.abc import Iterator
from html import escape
from typing import Any

JSON = dict[str, Any]

STYLE = """\
:root{color-scheme:light dark;--ink:#222;--soft:#666;--line:#ddd;--red:#a4161a;--back:#fff;--code:#f6f3ef}
@media(prefers-color-scheme:dark){:root{--ink:#e8e4df;--soft:#a39c94;--line:#3a3632;--red:#ef7b7e;--back:#1b1917;
--code:#26231f}}
body{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:var(--ink);
background:var(--back);max-width:60rem;margin:0 auto;padding:1.5rem}
h1{color:var(--red)}h2{margin-top:3rem;border-bottom:2px solid var(--red)}h3{margin:2rem 0 .3rem;
font-size:1rem}
code{font:14px/1.5 ui-monospace,Menlo,Consolas,monospace;background:var(--code);padding:.1em .3em;
border-radius:3px}h3 code{background:none;padding:0}
.verb{color:var(--red);font-weight:700}.soft{color:var(--soft);font-size:.9rem}
nav a{margin-right:1rem}table{border-collapse:collapse;width:100%;margin:.5rem 0}
td,th{border-bottom:1px solid var(--line);text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;
overflow-wrap:anywhere}a{color:var(--red)}
"""


def page(document: JSON) -> str:
    """The whole page."""
    tags = sorted({_tag(operation) for _, _, operation in _operations(document)})
    said = {tag["name"]: tag.get("description", "") for tag in document["tags"]}
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<title>Louyu 楼宇 API</title><link rel="stylesheet" href="/docs/style.css"></head><body>',
        f"<h1>{escape(document['info']['title'])} API</h1>",
        *_prose(document["info"]["description"]),
        '<p><a href="/openapi.json">openapi.json</a></p><nav>',
        *(f'<a href="#{escape(tag)}">{escape(tag)}</a> ' for tag in tags),
        "</nav>",
    ]
    for tag in tags:
        parts.append(f'<h2 id="{escape(tag)}">{escape(tag)}</h2>')
        parts.extend(_prose(said.get(tag, "")))
        for path, verb, operation in _operations(document):
            if _tag(operation) == tag:
                parts.extend(_operation(document, path, verb, operation))
    parts.append("<h2>Schemas</h2>")
    for name, schema in document["components"]["schemas"].items():
        parts.extend(_schema(name, schema))
    parts.append("</body></html>")
    return "\n".join(parts)


def _prose(text: str) -> Iterator[str]:
    for line in filter(None, text.split("\n")):
        yield f"<p>{_words(line)}</p>"


def _words(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _tag(operation: JSON) -> str:
    tag: str = operation["tags"][0]
    return tag


def _operations(document: JSON) -> Iterator[tuple[str, str, JSON]]:
    for path, item in document["paths"].items():
        for verb, operation in item.items():
            yield path, verb.upper(), operation


def _operation(document: JSON, path: str, verb: str, operation: JSON) -> Iterator[str]:
    yield f'<h3><span class="verb">{verb}</span> <code>{escape(path)}</code></h3>'
    yield from _prose(operation.get("description", ""))
    access = operation.get("x-louyu-access")
    if access:
        needed = access["permission"]
        permission = f"permission <code>{escape(needed)}</code>, " if needed else ""
        etag = ", needs If-Match" if access["etag_required"] else ""
        yield (
            f'<p class="soft">{permission}scope {escape(access["scope"])}, '
            f"sensitivity {escape(access['sensitivity'])}{etag}</p>"
        )
    parameters = [_resolved(document, each) for each in operation.get("parameters", ())]
    if parameters:
        yield "<table><tr><th>Parameter</th><th>Type</th><th>Meaning</th></tr>"
        for each in parameters:
            star = " *" if each.get("required") else ""
            yield (
                f"<tr><td><code>{escape(each['name'])}</code>{star} <span class=soft>{each['in']}</span></td>"
                f"<td>{_type(each['schema'])}</td><td>{_words(each.get('description', ''))}</td></tr>"
            )
        yield "</table>"
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<p>Body ({escape(media)}): {_type(content['schema'])}</p>"
    for status, response in operation["responses"].items():
        for content in response.get("content", {}).values():
            if "schema" in content:
                yield f"<p>{status}: {_type(content['schema'])}</p>"


def _schema(name: str, schema: JSON) -> Iterator[str]:
    yield f'<h3 id="schema-{escape(name)}"><code>{escape(name)}</code></h3>'
    yield from _prose(schema.get("description", ""))
    if not schema.get("properties"):
        return
    required = schema.get("required", ())
    yield "<table><tr><th>Field</th><th>Type</th><th>Meaning</th></tr>"
    for field, inner in schema["properties"].items():
        star = " *" if field in required else ""
        yield (
            f"<tr><td><code>{escape(field)}</code>{star}</td><td>{_type(inner)}</td>"
            f"<td>{_words(inner.get('description', ''))}</td></tr>"
        )
    yield "</table>"


def _type(schema: JSON) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if "const" in schema:
        return f"<code>{escape(repr(schema['const']))}</code>"
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if "enum" in schema:
        return " · ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    limits = [f"{key} {schema[key]}" for key in _LIMITS if key in schema]
    words = (str(schema.get("type", "any")), str(schema.get("format", "")), ", ".join(limits))
    return escape(" ".join(word for word in words if word))


def _resolved(document: JSON, parameter: JSON) -> JSON:
    if "$ref" not in parameter:
        return parameter
    found: JSON = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    return found


_LIMITS = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "pattern")
