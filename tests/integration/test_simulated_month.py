"""A month of a desk in minutes: no robot answered, nobody asked twice for what he sent, no ticket doubled."""

from collections import Counter
from pathlib import Path

import pytest
from boxed_desk import DAY, BoxedDesk
from month import SETTINGS, World
from month_robots import all_of_them


@pytest.mark.parametrize(
    ("citizens", "scale"), [pytest.param(60, 1, id="small"), pytest.param(2000, 10, id="whole", marks=pytest.mark.long)]
)
def test_a_month_of_citizens_robots_and_forgers(tmp_path: Path, citizens: int, scale: int) -> None:
    key = tmp_path / "key"
    key.write_text("k" * 40)
    key.chmod(0o600)
    desk = BoxedDesk(tmp_path, SETTINGS.replace("{key}", str(key)))
    world = World(desk, citizens=citizens)
    all_of_them(world, scale=scale)
    world.run()
    _tell(world)
    lost = {one.address for one in world.citizens[: 3 * scale]}
    _nobody_is_asked_for_what_he_sent(world)
    _every_matter_has_one_ticket(world, lost)
    _robots_are_not_answered(world, scale)
    _every_citizen_hears_what_he_should(world, lost)
    _limits_hold(world)
    desk.close()


def _nobody_is_asked_for_what_he_sent(world: World) -> None:
    again = [(one.habit, one.asked_again, one.values, one.trouble) for one in world.citizens if one.asked_again]
    assert again == []


def _every_matter_has_one_ticket(world: World, lost: set[str]) -> None:
    tickets = Counter(world.desk.column("SELECT address FROM tickets WHERE address LIKE 'c%@post.example'"))
    doubled = [(one.habit, one.got, tickets[one.address]) for one in world.citizens if tickets[one.address] != 1]
    assert doubled == []


def _robots_are_not_answered(world: World, scale: int) -> None:
    assert world.to_robots["honest"] == 0
    assert world.to_robots["lists"] == 0
    assert world.to_robots["victims, dmarc=fail"] == 0
    assert world.to_robots["loop"] <= 3  # its first letter is a person's to look at: a question, a reminder, a closing
    assert world.to_robots["rude"] <= 8  # nothing tells it from a person: the limits of a ticket's life end it
    assert world.to_robots["victims, dmarc=none"] <= 5 + 2 * 2


def _every_citizen_hears_what_he_should(world: World, lost: set[str]) -> None:
    kept_open = set(world.desk.column("SELECT address FROM tickets WHERE kind IN ('complaint', 'appeal')"))
    for one in world.citizens:
        got = Counter(one.got)
        if one.address in lost:
            continue
        assert got["acknowledgement"] <= 1, (one.habit, one.got)
        assert got["missing_information"] <= 2, (one.habit, one.got)
        assert got["reminder"] <= 1, (one.habit, one.got)
        if one.habit in ("complete", "answers", "answers by the number", "writes twice at once", "is on vacation"):
            assert got["acknowledgement"] == 1, (one.habit, one.got, one.values, one.trouble)
        if one.habit == "never answers":  # what was taken for a complaint goes to a person instead
            ends = [] if one.address in kept_open else ["closing"]
            assert one.got == ["missing_information", "reminder", *ends], (one.trouble, one.got)
        if one.habit == "asks for the status":
            assert got["status"] == 1, (one.habit, one.got)


def _limits_hold(world: World) -> None:
    days: Counter[tuple[str, int]] = Counter()
    for letter in world.desk.sent:
        if letter.kind not in ("reminder", "closing"):
            days[letter.to, letter.at_ms // DAY] += 1
    assert max(days.values()) <= 5
    bounced = set(world.desk.column("SELECT address FROM bounces"))
    assert bounced
    assert all(sum(one.to == address for one in world.desk.sent) == 1 for address in bounced)


def _tell(world: World) -> None:
    """Shown with -s, and when the test fails."""
    sent = Counter(letter.kind for letter in world.desk.sent)
    unsaid = Counter(world.desk.column("SELECT coalesce(reason, 'answered') FROM letters"))
    states = Counter(world.desk.column("SELECT state FROM tickets"))
    print(f"\nletters that came: {dict(world.arrived)}")
    print(f"letters of ours: {dict(sent)}, to robots and victims: {dict(world.to_robots)}")
    print(f"why no answer: {dict(unsaid)}")
    print(f"tickets: {sum(states.values())}, {dict(states)}")
    events = Counter(world.desk.column("SELECT what FROM history"))
    print(f"history: {dict(events)}")
