"""A letter's HTML made harmless: measured first, then rebuilt from a short list of tags by nh3. Pure; runs in a worker.

nh3 is quadratic in the depth of nesting (100,000 open tags take a minute), hence the measuring, which is linear, and
the worker's own limit behind it. What comes out is still shown only in a sandboxed frame without script, style or any
source but `data:`, see letter_page.py: either wall alone would hold.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from html import escape, unescape
from urllib.parse import urlsplit

import nh3

CHARACTERS_MOST = 512 * 1024
TAGS_MOST = 20_000
DEPTH_MOST = 256  # browsers stop nesting at 512

TAGS = frozenset(
    """a abbr address b big blockquote br caption center cite code col colgroup dd del dfn div dl dt em font h1 h2 h3 h4
    h5 h6 hr i img ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt
    u ul var""".split()
)
# No style, class, id, name, background, width: nothing that loads, hides, covers or is pointed at
ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
# With their contents: what stands inside is no text of the letter
DROPPED = {"script", "style", "title", "head", "template", "noscript", "iframe", "object", "svg", "math", "select"}
LINKS = ("http", "https", "mailto", "tel")
PICTURE = "data"  # the only scheme a picture may have: its bytes come with the page

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# What half of all letters leave open
_CLOSES_ITSELF = frozenset("p li td th tr dt dd option tbody thead tfoot".split())
_HREF = re.compile(r'<a href="([^"]*)"')
Picture = Callable[[str], str | None]


class Refused(StrEnum):
    """Why a letter is shown as text only."""

    NONE = "none"  # it has no HTML
    SIZE = "size"
    TAGS = "tags"
    DEPTH = "depth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What may be shown."""

    html: str
    withheld: int  # pictures that other servers were to send


def refusal(html: str) -> Refused | None:
    """Why this HTML is not even cleaned; one pass, whatever it says."""
    if not html.strip():
        return Refused.NONE
    if len(html) > CHARACTERS_MOST:
        return Refused.SIZE
    if html.count("<") > TAGS_MOST:
        return Refused.TAGS
    return Refused.DEPTH if _too_deep(html) else None


def _too_deep(html: str) -> bool:
    """Counts what is open by name: a closing tag closes its own name only, so no stray one hides how deep it is."""
    still_open: Counter[str] = Counter()
    depth = 0
    for slash, written in _TAG.findall(html):
        name = written.lower()
        if name in _VOID or name in _CLOSES_ITSELF:
            continue
        if not slash:
            still_open[name] += 1
            depth += 1
            if depth > DEPTH_MOST:
                return True
        elif still_open[name]:
            still_open[name] -= 1
            depth -= 1
    return False


def clean(html: str, picture: Picture) -> Cleaned:
    """The HTML of TAGS and ATTRIBUTES alone. `picture` gives a `data:` URL for a Content-ID, or None: no picture.

    A picture from elsewhere would tell its server that the letter was read: its words stay, the address goes. Behind
    each link stands the host that it leads to, whatever its text says.
    """

    withheld = 0

    def allowed(tag: str, name: str, value: str) -> str | None:
        nonlocal withheld
        if (tag, name) == ("img", "src"):
            own = value[:4].lower() == "cid:"
            withheld += not own
            return picture(value[4:].strip()) if own else None
        if (tag, name) == ("a", "href"):
            return value if _scheme(value) in LINKS else None
        return value if len(value) <= 1000 else None

    cleaned = nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=DROPPED,
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=allowed,
        url_schemes={*LINKS, "cid", PICTURE},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return Cleaned(html=_HREF.sub(_with_host, cleaned), withheld=withheld)


def _scheme(address: str) -> str:
    return address.strip().partition(":")[0].lower()


def _with_host(link: re.Match[str]) -> str:
    said = escape(host_of(unescape(link[1])), quote=True)
    return f'{link[0]} data-host="{said}"'


def host_of(address: str) -> str:
    """The host of a web address as the wire has it: letters of other scripts that look like Latin ones show as xn--."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname or parts.path
        return host.encode("idna").decode() if parts.hostname else host[:100]
    except ValueError:  # UnicodeError is one
        return "адрес не прочитать"
