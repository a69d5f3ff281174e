"""A letter as it was sent: HTML in a frame that may do nothing, files as downloads, pictures of them made by us.

Three walls, each of which would hold alone: the HTML is rebuilt from a list of tags (letter_clean.py); its document has
a policy of its own without script, style of the letter's or any address; the frame is a sandbox. Files leave only as
downloads that no browser opens in place.
"""

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from store import rows, shown, staff
from store.shown import ShownLetter
from triage.access import Role, Seen, Who
from triage.guard import page
from triage.window import Window

FRAME_STYLE = (
    ":root{color-scheme:light dark}body{margin:12px;font:15px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}"
    "img{max-width:100%;height:auto}table{border-collapse:collapse}td,th{padding:2px 6px;vertical-align:top}"
    "blockquote{margin:8px 0 8px 12px;padding-left:10px;border-left:3px solid #8a94a0}pre{white-space:pre-wrap}"
    'a[data-host]::after{content:" [" attr(data-host) "]";font-size:.85em;opacity:.8}'
)
_STYLE_HASH = b64encode(sha256(FRAME_STYLE.encode()).digest()).decode()
FRAME_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; "
    f"style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
DOWNLOAD_POLICY = "default-src 'none'; sandbox"
REFUSED = {
    "none": "В письме только текст: он показан в заявке.",
    "size": "Оформление больше 512 КБ: показываем только текст. Письмо целиком можно скачать.",
    "tags": "В оформлении больше 20 000 тегов: показываем только текст. Письмо целиком можно скачать.",
    "depth": "Оформление вложено слишком глубоко: показываем только текст. Письмо целиком можно скачать.",
}
UNSHOWN = "Оформление не удалось разобрать за отведённое время: показываем только текст. Письмо целиком можно скачать."
# What staff are asked to open although the desk does not accept it; anything else gets a name that no program opens
DOCUMENTS = frozenset(
    ".doc .docx .odt .rtf .txt .csv .xls .xlsx .ods .heic .heif .webp .gif .bmp .tif .tiff .p7s .sig .eml".split()  # noqa: SIM905
)
UNSAFE = ".unsafe"


def routes(window: Window) -> list[Route]:
    """The letter, its frame, its bytes, its files and their pictures."""
    pages = _LetterPage(window)
    at = "/letters/{letter:int}"
    return [
        page(at, pages.show, role=Role.READER),
        page(f"{at}/person", pages.person, role=Role.TRIAGE, methods=["POST"]),
        page(f"{at}/again", pages.again, role=Role.TRIAGE, methods=["POST"]),
        page(f"{at}/html", pages.frame, role=Role.READER),
        page(f"{at}/raw", pages.whole, role=Role.READER),
        page(f"{at}/files/{{place:int}}", pages.file, role=Role.READER),
        page(f"{at}/files/{{place:int}}/{{sheet:int}}", pages.picture, role=Role.READER),
    ]


class _LetterPage:
    """Answers for one letter."""

    def __init__(self, window: Window) -> None:
        self._window = window

    async def show(self, request: Request) -> Response:
        """The letter with its headers, the frame, the files."""
        letter = await self._letter(request)
        await self._note(request, letter, Seen.OPENED, view="letter")
        seen = await self._window.reading.made("look", letter.blob)
        looked: dict[str, Any] = json.loads(seen) if seen else {"refused": None, "headers": [], "pages": []}
        said = UNSHOWN if seen is None else REFUSED.get(looked["refused"] or "")
        pages: list[int] = looked["pages"]
        files = [
            {
                **one,
                "place": place,
                "unsafe": _added_to(one, place),
                "sheets": range(pages[place] if _is_shown(one) and place < len(pages) else 0),
            }
            for place, one in enumerate(letter.files)
        ]
        data = {"letter": letter, "headers": looked["headers"], "refused": said, "files": files}
        data |= {"text": "" if letter.number else await self._text(letter), "only_text": looked["refused"] == "none"}
        return self._window.page(request, "as_sent.html", data)

    async def person(self, request: Request) -> Response:
        """Staff say that a person wrote it: the desk takes it again, opens its ticket and answers (rulings 17)."""
        letter = await self._letter(request)
        taken = await self._window.write(lambda conn: rows.person_wrote(conn, letter.id))
        await self._note(request, letter, Seen.TAKEN_AGAIN, view="person")
        return self._said(request, taken)

    async def again(self, request: Request) -> Response:
        """A letter that was set aside is read again."""
        letter = await self._letter(request)
        taken = await self._window.write(lambda conn: rows.unpark(conn, letter.id))
        await self._note(request, letter, Seen.TAKEN_AGAIN, view="parked")
        return self._said(request, taken)

    def _said(self, request: Request, taken: bool) -> Response:
        told = {"heading": "Письмо взято снова", "text": "Программа прочтёт его в ближайшие секунды и откроет заявку."}
        if not taken:
            told = {"heading": "Не получилось", "text": "Письмо уже взято, или у него нет отправителя или текста."}
        return self._window.page(request, "plain.html", told, status=200 if taken else 409)

    async def frame(self, request: Request) -> Response:
        """The cleaned HTML as a document of its own, to stand in a frame."""
        letter = await self._letter(request)
        made = await self._window.reading.made("html", letter.blob)
        withheld, _, body = (made or b"").decode().partition("\n")
        data = {"style": FRAME_STYLE, "withheld": int(withheld) if withheld.isdigit() else 0, "body": body}
        if not body:
            data["body"] = REFUSED.get(withheld, UNSHOWN)
        answer = self._window.page(request, "frame_of_letter.html", data)
        answer.headers["Content-Security-Policy"] = FRAME_POLICY
        answer.headers["X-DNS-Prefetch-Control"] = "off"  # a host looked up would tell that the letter was read
        return answer

    async def whole(self, request: Request) -> Response:
        """The letter's bytes, to be opened elsewhere at one's own risk."""
        letter = await self._letter(request)
        if letter.blob is None:
            raise HTTPException(404)
        await self._note(request, letter, Seen.DOWNLOADED, view="raw")
        raw = await self._window.reading.raw(letter.blob)
        return download(raw, f"{letter.number or letter.id}.eml")

    async def file(self, request: Request) -> Response:
        """A file as a download; one in which a virus was found does not leave."""
        letter, place = await self._letter(request), request.path_params["place"]
        said = _file(letter, place)
        if said["reason"] == "malware":
            told = {"heading": "В файле вирус", "text": "Этот файл не выдаётся. Попросите гражданина прислать другой."}
            return self._window.page(request, "plain.html", told, status=403)
        data = await self._window.reading.made(f"file {place}", letter.blob)
        if data is None:
            raise HTTPException(404)
        await self._note(request, letter, Seen.DOWNLOADED, view="file", place=place)
        return download(data, name_of(said, place))

    async def picture(self, request: Request) -> Response:
        """A picture that we made of a file's page; only of files that were found sound."""
        letter, place, sheet = await self._letter(request), request.path_params["place"], request.path_params["sheet"]
        if not _is_shown(_file(letter, place)):
            raise HTTPException(404)
        made = await self._window.reading.made(f"picture {place} {sheet}", letter.blob)
        if not made:
            raise HTTPException(404)
        kind, _, data = made.partition(b"\n")
        return Response(data, media_type=kind.decode(), headers={"Content-Security-Policy": DOWNLOAD_POLICY})

    async def _text(self, letter: ShownLetter) -> str:
        """A letter without a ticket has no other page for its text."""
        seen = await self._window.reading.view("text", letter.blob)
        parts = [seen[part] for part in ("own", "signature", "quoted")] if seen else []
        return "\n\n".join(part for part in parts if part)

    async def _letter(self, request: Request) -> ShownLetter:
        found = await self._window.read(lambda conn: shown.letter(conn, request.path_params["letter"]))
        if found is None:
            raise HTTPException(404)
        return found

    async def _note(self, request: Request, letter: ShownLetter, what: Seen, **data: object) -> None:
        who: Who = request.state.who
        told = {"letter": letter.id, **data}
        await self._window.write(
            lambda conn: staff.note(conn, who=who.login, what=what, ticket_id=letter.ticket_id, data=told)
        )


def download(data: bytes, name: str) -> Response:
    """Bytes that a browser saves and never opens: no type to guess, no origin to run in."""
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in ".-_") else "_" for sign in name)
    return Response(
        data,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": DOWNLOAD_POLICY,
        },
    )


def name_of(said: dict[str, object], place: int) -> str:
    """The name a download gets.

    An accepted file keeps its name, made safe when the letter was read. So does a document of a kind that the desk
    does not accept but that people are sent all day. All else (programs, scripts, pages, files that are not what they
    say, documents that act) gets an ending that no program opens, so that a double click does nothing.
    """
    name = str(said["name"] or f"файл-{place + 1}")
    ending = PurePosixPath(name.lower()).suffix
    harmless = said["accepted"] or (said["reason"] in ("type", "size", "empty") and ending in DOCUMENTS)
    pictured = said["reason"] in (None, "size", "corrupt", "encrypted") and ending in (".pdf", ".jpg", ".jpeg", ".png")
    return name if harmless or pictured else name + UNSAFE


def _added_to(said: dict[str, object], place: int) -> str:
    return UNSAFE if name_of(said, place).endswith(UNSAFE) else ""


def _file(letter: ShownLetter, place: int) -> dict[str, object]:
    if letter.blob is None or place >= len(letter.files):
        raise HTTPException(404)
    return letter.files[place]


def _is_shown(said: dict[str, object]) -> bool:
    """Pictures are made of what was found sound alone; of a document that acts, or a bomb, nothing is drawn."""
    return bool(said["accepted"])
