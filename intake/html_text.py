"""A letter's HTML as lines of text that still tell whose words they are.

Lines inside a quotation get "> " before them, a signature block its "-- " line, the cells of a table row stand
in one line, TAB between them. What is hidden (display:none) is dropped.
"""

import re

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import DocumentNode, ElementNode, HTMLTree

MAX_HTML = 1024 * 1024  # characters given to the converter
MAX_TAGS = 20_000  # more tags than a letter has: their nesting is cut before the converter sees it
MAX_NESTING = 400
MAX_MARKED = 2_000  # elements marked of each sort

# Signs of our own in the text of the tree, private-use characters that no letter has (they are removed first).
_OPEN, _CLOSE, _SIGNATURE, _CELL, _ROW, _ROW_END = "\ue0a1", "\ue0a2", "\ue0a3", "\ue0a4", "\ue0a5", "\ue0a6"
_SIGNS = re.compile("[\ue0a1-\ue0a6]")

# Seen in practice: Gmail, Yahoo, Proton, Thunderbird, Roundcube, Apple Mail mark what they quote by these.
_QUOTES = "blockquote, .gmail_attr, .moz-cite-prefix, #reply-intro, .yahoo_quoted, .moz-forward-container"
# Gmail's "indent" and Word's margins are blockquotes that quote nobody.
_INDENT = re.compile(r"border\s*:\s*none|margin(?:-left)?\s*:\s*0?\s*[\w.]*\s*[\w.]*\s*[\w.]*\s*40px", re.IGNORECASE)
_OUTLOOK_QUOTE = re.compile(r"border-left\s*:\s*solid\s+(?:blue|#[0-9a-f]{6}|windowtext)", re.IGNORECASE)
_SIGNATURES = (
    ".gmail_signature, [data-signature-widget=container], .moz-signature, #Signature, "
    "#AppleMailSignature, #ms-outlook-mobile-signature, #composer_signature"
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)[^<>]*>")
_VOID = {"br", "img", "hr", "meta", "link", "input", "col", "wbr", "area", "base", "p", "li", "td", "tr", "th"}
_MANY_BLANKS = re.compile(r"\n{3,}")
_ROW_TEXT = re.compile(f"{_ROW}([^{_ROW}{_ROW_END}]*){_ROW_END}")
_LONG_CELL = 6  # lines: a table that lays out a page is no table of fields
_GAPS = re.compile(r"[ \t\n]+")


def html_to_text(html: str, limits: set[str]) -> str:
    """The text; never raises. `limits` collects what was cut."""
    if len(html) > MAX_HTML:
        limits.add("html")
        html = html[:MAX_HTML]
    html = _SIGNS.sub("", html).replace("\0", "")
    if html.count("<") > MAX_TAGS:
        html = _flattened(html, limits)
    tree = HTMLTree.parse(html)
    if tree.body is None or tree.document is None:
        return ""
    _drop_hidden(tree.body)
    _mark(tree.document, tree.body)
    text = extract_plain_text(tree, preserve_formatting=True, main_content=False, alt_texts=False)
    return _lines(text)


def _flattened(html: str, limits: set[str]) -> str:
    """Drops the tags nested deeper than any letter's: the converter is slow on them, their text stays."""
    depth = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal depth
        if match[2].lower() in _VOID:
            return match[0]
        if match[1]:
            depth -= 1
            return match[0] if depth < MAX_NESTING else " "
        depth += 1
        return match[0] if depth <= MAX_NESTING else " "

    limits.add("nesting")
    return _TAG.sub(keep, html)


def _drop_hidden(body: ElementNode) -> None:
    for node in list(body.query_selector_all("[style*='none' i], [style*='hid' i], [hidden]"))[:MAX_MARKED]:
        if node.has_attribute("hidden") or _HIDDEN.search(_style(node)):
            node.remove()


def _mark(document: DocumentNode, body: ElementNode) -> None:
    for node in list(body.query_selector_all(_QUOTES))[:MAX_MARKED]:
        if not (node.local_name == "blockquote" and _INDENT.search(_style(node))):
            _enclose(document, node)
    for node in list(body.query_selector_all("div[style*='border-left' i]"))[:MAX_MARKED]:
        if _OUTLOOK_QUOTE.search(_style(node)):
            _enclose(document, node)
    for node in list(body.query_selector_all(_SIGNATURES))[:MAX_MARKED]:
        node.prepend(_line(document, _SIGNATURE))
    for row in list(body.query_selector_all("tr"))[:MAX_MARKED]:
        if row.query_selector("table") is None:
            _mark_row(document, row)


def _mark_row(document: DocumentNode, row: ElementNode) -> None:
    cells = list(row.query_selector_all("td, th"))
    if len(cells) < 2:
        return
    for cell in cells:
        cell.prepend(document.create_text_node(_CELL))
    cells[0].prepend(document.create_text_node(_ROW))
    cells[-1].append(document.create_text_node(_ROW_END))


def _enclose(document: DocumentNode, node: ElementNode) -> None:
    node.prepend(_line(document, _OPEN))
    node.append(_line(document, _CLOSE))


def _line(document: DocumentNode, sign: str) -> ElementNode:
    line = document.create_element("div")
    line.append(document.create_text_node(sign))
    return line


def _style(node: ElementNode) -> str:
    return node.get_attribute("style") or ""


def _lines(text: str) -> str:
    text = _ROW_TEXT.sub(_row, text)
    out, depth = [], 0
    for line in _SIGNS.sub(lambda m: f"\n{m[0]}\n" if m[0] in (_OPEN, _CLOSE, _SIGNATURE) else "", text).split("\n"):
        if line == _OPEN:
            depth += 1
        elif line == _CLOSE:
            depth = max(0, depth - 1)
        elif line == _SIGNATURE:
            out.append("" if depth else "-- ")
        elif line.strip() or not depth:
            out.append((">" * min(depth, 20) + " " if depth else "") + line.rstrip())
        else:
            out.append(">" * min(depth, 20))
    return _MANY_BLANKS.sub("\n\n", "\n".join(out)).strip("\n")


def _row(match: re.Match[str]) -> str:
    cells = match[1].split(_CELL)
    if any(cell.strip().count("\n") >= _LONG_CELL for cell in cells):
        return "\n".join(cells)
    return "\t".join(_GAPS.sub(" ", cell).strip() for cell in cells[1:]) + "\n"
