"""Check digits of ИНН, СНИЛС, ОГРН and of our own ticket numbers."""


def inn_is_valid(digits: str) -> bool:
    """Check digits of a 10- or 12-digit ИНН (приказ ФНС ЕД-7-14/559@); all-equal digits are refused."""
    if len(set(digits)) == 1:
        return False
    numbers = [int(c) for c in digits]
    tail = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    if len(digits) == 10:
        return _control(numbers, tail) == numbers[9]
    if len(digits) == 12:
        return _control(numbers, (7, *tail)) == numbers[10] and _control(numbers, (3, 7, *tail)) == numbers[11]
    return False


def _control(numbers: list[int], weights: tuple[int, ...]) -> int:
    return sum(n * w for n, w in zip(numbers, weights, strict=False)) % 11 % 10


def snils_is_valid(digits: str) -> bool:
    """Check digits of an 11-digit СНИЛС; numbers up to 001-001-998 carry none and are refused."""
    if len(digits) != 11 or int(digits[:9]) <= 1_001_998:
        return False
    total = sum(int(c) * (9 - place) for place, c in enumerate(digits[:9]))
    return total % 101 % 100 == int(digits[9:])


def ogrn_is_valid(digits: str) -> bool:
    """Check digit of a 13-digit ОГРН or a 15-digit ОГРНИП; the first is no zero."""
    if len(digits) not in (13, 15) or digits[0] == "0":
        return False
    return int(digits[:-1]) % (len(digits) - 2) % 10 == int(digits[-1])


def luhn_is_valid(digits: str) -> bool:
    """Luhn over all digits, the last one being the check digit (rulings 12)."""
    total = 0
    for place, c in enumerate(reversed(digits)):
        n = int(c) * (1 + place % 2)
        total += n - 9 if n > 9 else n
    return total % 10 == 0
