"""What the classifier says of one letter."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Topic probabilities, best first, and why."""

    topics: tuple[tuple[str, float], ...]  # all topics with their calibrated probability, best first
    needs_review: bool  # the best one is under the threshold: a person decides
    why: tuple[str, ...]  # words that weighed most for the best topic, as they stand in the letter
    model: str  # version of the model that said so
    unknown: float | None = None  # share of the letter's different words that the model does not know; None: no words

    @property
    def topic(self) -> str:
        """The best topic, also when a person should look."""
        return self.topics[0][0]

    @property
    def confidence(self) -> float:
        """The best topic's calibrated probability."""
        return self.topics[0][1]
