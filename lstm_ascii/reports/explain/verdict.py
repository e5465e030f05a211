"""What a network says and which word decided it, in one line; and why the error reaches that word, or doesn't."""

from __future__ import annotations

from collections.abc import Sequence

from lstm_ascii.language.lexicon import lexicon
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.decision import Choice
from lstm_ascii.reports.explain.passes import Gradient, Step
from lstm_ascii.reports.explain.swaps import Swap, strongest
from lstm_ascii.reports.explain.twins import bare, verb_twin


@dataclass(frozen=True)
class Verdict:
    """What one network says of the choice, and how much of the error reaches the word that matters.

    Attributes:
        says: the word of the two that it prefers; empty where it takes both for as likely.
        agrees: whether that is the sentence's own word, or the one that the reader calls right; ``None`` where
            neither of the two is.
        decided_by: the number of the word whose swap moves this network most; ``None`` if none counts.
        back: how many words before the last one that was read it stands; 0 for that one itself.
        turns: whether its swap turns the choice: then it decides, else it only counts most.
        at: the number of the word at which the error is told, the same for all networks.
        error: what is left there, as log10 of its ratio to the error at the choice; ``None`` for exactly nothing.
        is_right: whether it is right although the sentence has the other word: the only noun before has its number.
    """

    says: str
    agrees: bool | None
    decided_by: int | None
    back: int | None
    turns: bool
    at: int
    error: float | None
    is_right: bool = False


@dataclass(frozen=True)
class Why:
    """The factors that were multiplied on the error's way to a word.

    Attributes:
        words: how many: one a word.
        factor: of the error, their geometric mean; ``None`` where nothing arrives.
        gate: the geometric mean of the forget gates (GRU: z) of the unit that is followed, of the one that keeps most
            where none is; ``None`` without gates, or where one is shut.
    """

    words: int
    factor: float | None
    gate: float | None


def verdict_of(
    choice: Choice | None, swaps: Sequence[Swap], steps: Sequence[Step], at: int, words: Sequence[str] = ()
) -> Verdict:
    """Return what a network says, from what was measured.

    Args:
        choice: of the network; ``None`` where it can't be asked.
        swaps: who decided.
        steps: one a word.
        at: the number of the word at which the error is told.
        words: of the sentence.
    """
    gradient = steps[at - 1].gradient
    error = gradient.choice if gradient else None
    if choice is None:
        return Verdict("", None, None, None, False, at, error)
    says = "" if not choice.log_odds else choice.right if choice.log_odds > 0 else choice.wrong
    judged = bool(says) and choice.kind in ("next word", "asked")
    swap = strongest(swaps)
    return Verdict(
        says=says,
        agrees=says == choice.right if judged else None,
        decided_by=None if swap is None else swap.word,
        back=None if swap is None else choice.after - swap.word,
        turns=swap is not None and swap.turns,
        at=at,
        error=error,
        is_right=judged
        and says == choice.wrong
        and asks_number(choice)
        and _fits_only_noun(says, words[: choice.after]),
    )


def why_of(gradient: Gradient | None, words: int) -> Why | None:
    """Return the mean factors on the way over so many words; ``None`` where there is no way."""
    if gradient is None or not words:
        return None
    return Why(words, _mean(gradient.choice, words), _mean(gradient.carousel, words))


def _mean(log10: float | None, words: int) -> float | None:
    """Return the geometric mean of factors whose product is given."""
    return None if log10 is None else float(10 ** (log10 / words))


def _fits_only_noun(verb: str, before: Sequence[str]) -> bool:
    """Tell whether a verb has the number of the noun before it, where all words are known and no other has a number."""
    known, words = lexicon(), [word.lower() for word in before]
    counted = [word for word in words if known.number(word)]
    if len(counted) != 1 or not known.is_noun(counted[0]) or any(known.word_class(word) is None for word in words):
        return False
    return known.number(counted[0]) == known.number(bare(verb))


def asks_number(choice: Choice) -> bool:
    """Tell whether the two words of a choice are one verb in its two numbers: ``was`` and ``were``."""
    return verb_twin(bare(choice.right)) == bare(choice.wrong)


def has_number(word: str) -> bool:
    """Tell whether a word is known to have a number of its own: ``cat``, not ``sorry``, nor ``says``, a verb."""
    is_verb = (lexicon().word_class(word.lower()) or "").startswith(("verb", "auxiliary", "contraction"))
    return not is_verb and lexicon().twin(word.lower()) is not None
