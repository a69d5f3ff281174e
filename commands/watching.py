"""A live table on the terminal: one line a letter that found its end."""

import asyncio
import os
import signal
import time

from classify.topics import title
from commands.rooms import open_store
from service.daemon import rest
from service.settings import Settings
from store.database import Store
from store.ended import Ended, ended_after
from store.records import LetterState, ReplyState

LOGIN = "demo"  # of the demo's one account
ROW = "{no:>3}  {sender:<28.28} {became:<11.11} {topic:<30.30} {sure:>5}  {ticket:<13} {missing:<30.30} {reply}"
BECAME = {
    LetterState.SETTLED: "заявка",
    LetterState.AUTOMATIC: "автомат",
    LetterState.DUPLICATE: "повтор",
    LetterState.PARKED: "отложено",
}
MISSING = {"fio": "ФИО", "inn_or_account": "ИНН или кабинет", "date": "дата", "description": "описание", "ogrn": "ОГРН"}
REPLY = {
    "acknowledgement": "подтверждение",
    "missing_information": "просьба дополнить",
    "too_large": "письмо велико",
    "status": "состояние",
}


class Watching:
    """Prints what became of each letter, in the order of arrival, and says when the first ones are all done."""

    def __init__(self, settings: Settings, *, letters: int, password: str) -> None:
        self._settings, self._letters, self._password = settings, letters, password
        self._printed = 0
        self._began = time.monotonic()

    @property
    def complete(self) -> bool:
        """Whether every letter that was there at the start has found its end."""
        return self._printed >= self._letters

    async def run(self, stop: asyncio.Event, *, once: bool) -> None:
        """Until the stop; with `once` it ends the process in good order when all is done."""
        print(
            ROW.format(
                no="№",
                sender="от кого",
                became="стало",
                topic="тема",
                sure="увер.",
                ticket="номер",
                missing="не хватает",
                reply="ответ",
            ),
            flush=True,
        )
        store = open_store(self._settings)
        said, last = False, 0
        try:
            while not stop.is_set():
                last = await asyncio.to_thread(self._print_new, store, last)
                if self.complete and not said:
                    said = True
                    self._say_complete(once=once)
                    if once:
                        os.kill(os.getpid(), signal.SIGTERM)
                await rest(stop, 0.3)
        finally:
            await asyncio.to_thread(store.close)

    def _print_new(self, store: Store, last: int) -> int:
        with store.reading() as conn:
            ended = ended_after(conn, last)
        for one in ended:
            if one.reply_state is ReplyState.QUEUED or one.id != last + 1:
                break  # in order, each with its reply on its way
            self._printed += 1
            print(ROW.format(**_cells(self._printed, one)), flush=True)
            last = one.id
        return last

    def _say_complete(self, *, once: bool) -> None:
        print(f"\n{self._printed} letters in {time.monotonic() - self._began:.1f} s.", flush=True)
        if not once:
            inbox = (self._settings.mailbox.url or "").removeprefix("maildir:")
            outbox = self._settings.smtp.url.removeprefix("maildir:")
            print(
                f"The queue:  http://{self._settings.web.listen}/login?as={LOGIN}   password: {self._password}\n"
                f"Replies:    {outbox}/new\n"
                f"Try it:     drop a letter (*.eml) into {inbox}/new\nCtrl-C stops.",
                flush=True,
            )


def _cells(number: int, one: Ended) -> dict[str, object]:
    verdict = one.verdict or {}
    topic, sure = one.topic or verdict.get("topic"), verdict.get("confidence")
    return {
        "no": number,
        "sender": one.sender or "—",
        "became": BECAME.get(one.state, one.state),
        "topic": title(topic) if topic and one.number else "—",
        "sure": f"{sure:.0%}" if sure is not None and one.number else "—",
        "ticket": one.number or "—",
        "missing": ", ".join(MISSING.get(word, word) for word in one.missing or []) or "—",
        "reply": REPLY.get(one.reply, one.reply) if one.reply else f"нет: {one.reason or '—'}",
    }
