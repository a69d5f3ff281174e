"""A letter's HTML as lines of text that still tell whose words they are.

Lines inside a quotation get "> " before them, a signature block its "-- " line, the cells of a table row stand
in one line, TAB between them. What is hidden (display:none) is dropped.
"""

import re
from dataclasses import dataclass, field
from html import unescape

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import DocumentNode, DOMContext, ElementNode, HTMLTree, traverse_dom

MAX_HTML = 1024 * 1024  # characters given to the converter
MAX_TAGS = 15_000  # tags given to the converter; what stands behind them stays as bare text
MAX_MARKED = 2_000  # elements of a tree that are marked

# Signs of our own in the text of the tree, private-use characters that no letter has (they are removed first).
_OPEN, _CLOSE, _SIGNATURE, _CELL, _ROW, _ROW_END = "\ue0a1", "\ue0a2", "\ue0a3", "\ue0a4", "\ue0a5", "\ue0a6"
_SIGNS = re.compile("[\ue0a1-\ue0a6]")

# Seen in practice: Gmail, Thunderbird, Yahoo, Proton and Roundcube mark what they quote by these.
_QUOTE_CLASSES = frozenset(
    {"gmail_attr", "moz-cite-prefix", "yahoo_quoted", "moz-forward-container", "protonmail_quote"}
)
_QUOTE_IDS = frozenset({"reply-intro", "mail-editor-reference-message-container"})
# Gmail's "indent" and Word's margins are blockquotes that quote nobody.
_INDENT = re.compile(r"border\s*:\s*none|margin(?:-left)?\s*:[^;]{0,40}\b40px", re.IGNORECASE)
_OUTLOOK_QUOTE = re.compile(r"border-left\s*:\s*solid\s+(?:blue|#[0-9a-f]{6}|windowtext)", re.IGNORECASE)
_SIGNATURE_CLASSES = frozenset({"gmail_signature", "moz-signature", "protonmail_signature_block-user"})
_SIGNATURE_IDS = frozenset({"signature", "applemailsignature", "ms-outlook-mobile-signature", "composer_signature"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)

_TAG = re.compile(r"<[^<>]{0,2000}>")
_MANY_BLANKS = re.compile(r"\n{3,}")
_ROW_TEXT = re.compile(f"{_ROW}([^{_ROW}{_ROW_END}]*){_ROW_END}")
_LONG_CELL = 6  # lines: a table that lays out a page is no table of fields
_DEEPEST_MARK = 20  # ">" before a line at most


def html_to_text(html: str, limits: set[str]) -> str:
    """The text; never raises. `limits` collects what was cut."""
    if len(html) > MAX_HTML:
        limits.add("html")
        html = html[:MAX_HTML]
    html = _SIGNS.sub("", html).replace("\0", "")
    html, rest = _within_tags(html, limits)
    tree = HTMLTree.parse(html)
    if tree.body is None or tree.document is None:
        return rest
    _mark(tree.document, tree.body)
    text = _lines(extract_plain_text(tree, preserve_formatting=True, main_content=False, alt_texts=False))
    return f"{text}\n{rest}" if rest else text


def _within_tags(html: str, limits: set[str]) -> tuple[str, str]:
    """The HTML up to the last tag that is read as one, and the rest as bare text."""
    if html.count("<") <= MAX_TAGS:
        return html, ""
    limits.add("tags")
    at = -1
    for _ in range(MAX_TAGS):
        at = html.find("<", at + 1)
    return html[:at], unescape(_TAG.sub("\n", html[at:]))


# ---------------------------------------------------------------- marking the tree


@dataclass(slots=True)
class _Row:
    """A table row that the walk is in, or has left."""

    depth: int
    cells: list[ElementNode] = field(default_factory=list)
    lays_out: bool = False  # a table stands in it: it is no row of fields


@dataclass(slots=True)
class _Found:
    """What the one walk over the tree has found; it is marked afterwards, since marking changes the tree."""

    hidden: list[ElementNode] = field(default_factory=list)
    quotes: list[ElementNode] = field(default_factory=list)
    signatures: list[ElementNode] = field(default_factory=list)
    rows: list[_Row] = field(default_factory=list)
    open_rows: list[_Row] = field(default_factory=list)

    def visit(self, context: DOMContext) -> None:
        node = context.node
        if not isinstance(node, ElementNode):
            return
        name = node.local_name or ""
        if name in {"table", "tr", "td", "th"}:
            self._table(name, node, context.depth)
        style = node.get_attribute("style") or ""
        if style and _HIDDEN.search(style):
            self.hidden.append(node)
        elif _is_quote(node, name, style):
            self.quotes.append(node)
        elif _is_signature(node):
            self.signatures.append(node)

    def _table(self, name: str, node: ElementNode, depth: int) -> None:
        while self.open_rows and self.open_rows[-1].depth >= depth:
            self.open_rows.pop()
        if name == "tr":
            row = _Row(depth)
            self.rows.append(row)
            self.open_rows.append(row)
        elif self.open_rows and name == "table":
            self.open_rows[-1].lays_out = True
        elif self.open_rows:
            self.open_rows[-1].cells.append(node)


def _is_quote(node: ElementNode, name: str, style: str) -> bool:
    if name == "blockquote":
        return not _INDENT.search(style)
    if name == "div" and "border-left" in style and _OUTLOOK_QUOTE.search(style):
        return True
    return (node.id or "") in _QUOTE_IDS or not _QUOTE_CLASSES.isdisjoint((node.class_name or "").split())


def _is_signature(node: ElementNode) -> bool:
    return (
        (node.id or "").lower() in _SIGNATURE_IDS
        or not _SIGNATURE_CLASSES.isdisjoint((node.class_name or "").split())
        or node.get_attribute("data-signature-widget") == "container"
    )


def _mark(document: DocumentNode, body: ElementNode) -> None:
    found = _Found()
    traverse_dom(body, found.visit, None, elements_only=True)
    for node in found.hidden:
        node.remove()
    for node in found.quotes[:MAX_MARKED]:
        node.prepend(_line(document, _OPEN))
        node.append(_line(document, _CLOSE))
    for node in found.signatures[:MAX_MARKED]:
        node.prepend(_line(document, _SIGNATURE))
    for row in found.rows[:MAX_MARKED]:
        if len(row.cells) >= 2 and not row.lays_out:
            for cell in row.cells:
                cell.prepend(document.create_text_node(_CELL))
            row.cells[0].prepend(document.create_text_node(_ROW))
            row.cells[-1].append(document.create_text_node(_ROW_END))


def _line(document: DocumentNode, sign: str) -> ElementNode:
    line = document.create_element("div")
    line.append(document.create_text_node(sign))
    return line


# ---------------------------------------------------------------- the marked text as lines


def _lines(text: str) -> str:
    out: list[str] = []
    depth = 0
    for line in _SIGNS.sub(_sign_line, _ROW_TEXT.sub(_row, text)).split("\n"):
        if line == _OPEN:
            depth += 1
        elif line == _CLOSE:
            depth = max(0, depth - 1)
        elif line == _SIGNATURE:
            out.append("" if depth else "-- ")
        else:
            mark = ">" * min(depth, _DEEPEST_MARK)
            out.append(f"{mark} {line}".rstrip() if mark else line.rstrip())
    return _MANY_BLANKS.sub("\n\n", "\n".join(out)).strip("\n")


def _sign_line(match: re.Match[str]) -> str:
    return f"\n{match[0]}\n" if match[0] in {_OPEN, _CLOSE, _SIGNATURE} else ""


def _row(match: re.Match[str]) -> str:
    cells = match[1].split(_CELL)[1:]
    if any(cell.strip().count("\n") >= _LONG_CELL for cell in cells):
        return "\n".join(cells)
    return "\t".join(" ".join(cell.split()) for cell in cells) + "\n"
