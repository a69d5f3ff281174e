"""`queue`: the replies that wait, failed or are held back."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from commands.line import DONE, FAILED, USAGE, House, Member, add_family, run_member, settings_of
from commands.rooms import accessed, opened_store
from commands.telling import span
from outbox.unasked import letter_lost
from store import replies, rows
from store.records import ReplyState
from store.replies import BY_HAND, LISTED, ReplyLine
from tickets.terms import terms_of
from tickets.ticket import Event
from triage.access import Seen

NAME = "queue"
HELP = "the replies that wait, failed or are held back: list, show, retry, hold, release, drop"
EXAMPLE = "priemnaya queue list --state held --config /etc/priemnaya/priemnaya.toml"
ROW = "{id:>8}  {state:<7} {kind:<20} {number:<14} {tries:>5}  {age:>7}  {said}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the members."""
    add_family(parser, MEMBERS)


def run(args: argparse.Namespace, house: House) -> int:
    """The member that was named."""
    return run_member(args, house)


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", choices=[state.value for state in ReplyState], help="only these")
    parser.add_argument("--limit", type=int, default=1000, help="at most so many, oldest first (default 1000)")
    parser.add_argument("--json", action="store_true", help="a JSON list")


def _list(args: argparse.Namespace, _house: House) -> int:
    states = (ReplyState(args.state),) if args.state else LISTED
    with opened_store(settings_of(args)) as store, store.reading() as conn:
        found = replies.replies(conn, states=states, limit=args.limit)
    if args.json:
        print(json.dumps([_facts(one) for one in found], ensure_ascii=False))
        return DONE
    print(ROW.format(id="id", state="state", kind="kind", number="ticket", tries="tries", age="age", said="last fault"))
    for one in found:
        print(_row(one))
    return DONE


def _facts(one: ReplyLine) -> dict[str, object]:
    """Without the address: a list is often piped into other people's tools."""
    return {name: value for name, value in asdict(one).items() if name != "recipient"}


def _row(one: ReplyLine) -> str:
    waits = f"again in {span(one.due_in_ms)}" if one.state is ReplyState.QUEUED and one.due_in_ms > 0 else ""
    said = "; ".join(part for part in (one.last_error, waits) if part)
    return ROW.format(
        id=one.id, state=one.state, kind=one.kind, number=one.number or "—", tries=one.attempts, age=span(one.age_ms),
        said=said,
    )  # fmt: skip


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=int, help="of the reply, from `queue list`")
    parser.add_argument("--json", action="store_true", help="one JSON object, without the letter itself")


def _show(args: argparse.Namespace, _house: House) -> int:
    with opened_store(settings_of(args)) as store:
        with store.reading() as conn:
            found = replies.replies(conn, reply_id=args.id)
            raw = replies.reply_bytes(conn, args.id)
        if not found or raw is None:
            return _none(args.id)
        accessed(store, what=Seen.REPLY_SHOWN, letter_id=None, ticket_id=found[0].ticket_id)
    if args.json:
        print(json.dumps(asdict(found[0]), ensure_ascii=False))
    else:
        print(_row(found[0]))
        print(f"\n{raw.decode('ascii', 'replace')}")
    return DONE


def _choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=int, nargs="*", help="of replies, from `queue list`")
    parser.add_argument("--all", action="store_true", help="every one that can be")


def _changed(args: argparse.Namespace, *, of: Sequence[ReplyState], to: ReplyState, why: str | None = None) -> int:
    if bool(args.id) == args.all:
        print("priemnaya: name replies by their ids, or --all", file=sys.stderr)
        return USAGE
    settings = settings_of(args)
    terms = terms_of(settings)
    with opened_store(settings) as store, store.writing() as conn:
        done = replies.change_replies(conn, of=of, to=to, ids=None if args.all else args.id, why=why)
        if to is ReplyState.DROPPED:
            for reply_id, ticket_id in done:
                if ticket_id is not None:
                    rows.add_history(conn, ticket_id, who="ops", what=Event.REPLY_FAILED, data={"reason": "dropped"})
                    letter_lost(conn, ticket_id, terms, who="ops", lost=reply_id)
    left = set(args.id) - {reply_id for reply_id, _ in done}
    print(f"{len(done)} {to}")
    for reply_id in sorted(left):
        print(f"priemnaya: {reply_id}: no such reply, or it is {_cannot(of)}", file=sys.stderr)
    return FAILED if left else DONE


def _cannot(of: Sequence[ReplyState]) -> str:
    return f"not {' or '.join(of)}, or being sent at this moment"


def _none(reply_id: int) -> int:
    print(f"priemnaya: there is no reply {reply_id}; `priemnaya queue list` shows them", file=sys.stderr)
    return FAILED


def _retry(args: argparse.Namespace, _house: House) -> int:
    return _changed(args, of=(ReplyState.QUEUED, ReplyState.FAILED), to=ReplyState.QUEUED)


def _hold(args: argparse.Namespace, _house: House) -> int:
    return _changed(args, of=(ReplyState.QUEUED,), to=ReplyState.HELD, why=BY_HAND)


def _release(args: argparse.Namespace, _house: House) -> int:
    return _changed(args, of=(ReplyState.HELD,), to=ReplyState.QUEUED)


def _drop(args: argparse.Namespace, _house: House) -> int:
    return _changed(args, of=LISTED, to=ReplyState.DROPPED)


MEMBERS = (
    Member(
        name="list", help="what waits, failed or is held", example="priemnaya queue list --json --config FILE",
        add_arguments=_list_arguments, run=_list,
    ),
    Member(
        name="show", help="one reply, whole", example="priemnaya queue show 17 --config FILE",
        add_arguments=_show_arguments, run=_show,
    ),
    Member(
        name="retry", help="send now what waits for its next try, or was given up; not what is no longer so",
        example="priemnaya queue retry --all --config FILE", add_arguments=_choice, run=_retry,
    ),
    Member(
        name="hold", help="keep back what nobody has begun to send", example="priemnaya queue hold 17 18 --config FILE",
        add_arguments=_choice, run=_hold,
    ),
    Member(
        name="release", help="send what was held back, unless it is no longer so",
        example="priemnaya queue release --all --config FILE", add_arguments=_choice, run=_release,
    ),
    Member(
        name="drop", help="give up, with a note on the ticket", example="priemnaya queue drop 17 --config FILE",
        add_arguments=_choice, run=_drop,
    ),
)  # fmt: skip
