"""Noun phrases: determiners that tell the number or don't, adjectives, phrases after the noun."""

from __future__ import annotations

from collections.abc import Sequence

from lstm_ascii.language.lexicon import SINGULAR
from lstm_ascii.language.verbs import VerbWriter
from lstm_ascii.language.writer import MASS, NUMERALS, SORTS, UNCHANGED, SubjectHead

# Nouns that have one form stand beside those that have two, but for the subjects of minimal pairs.
ALL_SORTS = SORTS * 2 + (MASS, MASS, UNCHANGED)
_OF_SINGULAR = ("one", "one", "each", "either", "neither")
_OF_PLURAL = ("many", "several", "few", "both", "two", "three", "four", "five", "ten")
_OF_WHAT = ("the", "the", "the", "these", "those", "my", "his", "her", "our", "their")
_MANY = (
    "most of the", "some of the", "all of the", "many of the", "several of these", "most of their", "some of those",
    "all the", "both the", "a lot of", "lots of", "plenty of", "hundreds of", "dozens of", "a few", "the two",
    "her three", "these two", "the other", "no other", "more than two", "some other",
)  # fmt: skip
_MUCH = (
    "some", "this", "that", "much", "all the", "most of the", "some of the", "a lot of", "lots of", "plenty of", "more",
    "much of the", "most",
)  # fmt: skip
_OF_SEVERAL_WORDS = (
    "next to", "in front of", "on top of", "close to", "far from", "across from", "out of", "away from", "instead of",
)  # fmt: skip
_ORDINALS = ("first", "second", "third", "last", "next", "same", "only", "other")


class NounWriter(VerbWriter):
    """Writes noun phrases; what relatives are, :class:`ClauseWriter` knows."""

    def _relative(self, head: SubjectHead, depth: int, commas: bool) -> str:
        raise NotImplementedError

    def _participle(self, head: SubjectHead) -> None:
        raise NotImplementedError

    # -- subjects ------------------------------------------------------------------------------------

    def _subject(
        self, depth: int, sorts: Sequence[str] = ALL_SORTS, phrases: float = 0.42, bare: bool = True
    ) -> SubjectHead:
        """Write a subject: a noun phrase, or where nothing follows it sometimes a name or a pronoun."""
        choice = self._random()
        if depth or choice < 0.66:
            return self.noun_phrase(depth, sorts, phrases, bare)
        if choice < 0.69:
            return self._partitive()
        if choice < 0.71:
            return self._several(bare)
        if choice < 0.84:
            return self._pronoun()
        return self._name()

    def _pronoun(self) -> SubjectHead:
        """Write "she", "they", "everyone", "these"."""
        position, choice = len(self.words), self._random()
        if choice < 0.78:
            word = self._pick(self._lists.pronouns)
            self._write(word)
            return SubjectHead(position, position, word in ("they", "we", "you", "i"), "person", "pronoun", word != "i")
        word = self._pick(self._lists.indefinite) if choice < 0.9 else self._pick(("this", "these"))
        self._write(word)
        sort = "person" if word.endswith(("one", "body")) else "thing"
        return SubjectHead(position, position, word == "these", sort, "simple")

    def _name(self) -> SubjectHead:
        position = len(self.words)
        self.words.append(self._pick(self._lists.names))
        self._numbers.append(SINGULAR)
        return SubjectHead(position, position, False, "person", "name")

    def _partitive(self) -> SubjectHead:
        """Write "one of the boys", "many of her dogs": the quantity tells the number."""
        position, plural = len(self.words), self._random() < 0.5
        head = SubjectHead(position, position, plural, self._pick(SORTS), "partitive")
        self._write(self._pick(_OF_PLURAL if plural else _OF_SINGULAR), "of", self._pick(_OF_WHAT))
        self._adjectives(head)
        self._noun(self._pick(self._lists.nouns[head.sort]), True)
        return head

    def _several(self, bare: bool) -> SubjectHead:
        """Write "Tom and the dog": plural, whatever its parts are; no single word decides, so it is no target."""
        position = len(self.words)
        for number in range(2):
            if self._random() < 0.4:
                self._name()
            else:
                self.noun_phrase(0, ("person", "animal"), 0.0, bare or number > 0)
            if number == 0:
                self._write("and")
        return SubjectHead(position, position, True, "person", "several", agrees=False)

    # -- noun phrases --------------------------------------------------------------------------------

    def noun_phrase(
        self, depth: int = 0, sorts: Sequence[str] = ALL_SORTS, phrases: float = 0.12, bare: bool = True
    ) -> SubjectHead:
        """Write a noun phrase with ``depth`` relatives inside each other, or none and some phrases.

        Args:
            depth: of the relatives.
            sorts: the noun's sort is one of them.
            phrases: how often phrases follow where no relative does.
            bare: whether a plural may do without a determiner.
        """
        head = SubjectHead(len(self.words), 0, self._random() < 0.5, self._pick(sorts), "simple")
        self._before_noun(head, bare)
        head.position = len(self.words)
        self._head_noun(head)
        if self.words[head.start] == "a":
            self._fit_article(head.start)
        if depth:
            head.kind = self._relative(head, depth, commas=self._random() < 0.1)
        elif self._random() < phrases:
            head.kind = self._behind(head)
        return head

    def _head_noun(self, head: SubjectHead) -> None:
        """Write the noun itself."""
        lists = self._lists
        if head.sort == MASS:
            word = self._pick(lists.plural_only if head.plural else lists.mass)
            self._noun((word, word), head.plural)
        elif head.sort == UNCHANGED:
            self._write(self._pick(lists.unchanged))
        elif head.sort == "work" and self._random() < 0.15:
            self._noun(self._pick(lists.also_nouns), head.plural)
        else:
            self._noun(self._pick(lists.nouns[head.sort]), head.plural)

    def _behind(self, head: SubjectHead) -> str:
        """Write what follows a noun where no relative does; return the kind of construction."""
        choice = self._random()
        if choice < 0.12:
            self._participle(head)
            return "participle"
        if choice < 0.18:
            self._comma()
            self._phrase(0)
            self._comma()
            return "one phrase"
        self._phrase(0, of=0.25)
        if self._random() < 0.35:
            self._phrase(0, of=0.1)
            return "two phrases"
        return "one phrase"

    def _before_noun(self, head: SubjectHead, bare: bool) -> None:
        """Write determiner, adjectives and modifiers; an article that needs it is fitted afterwards."""
        choice, lists = self._random(), self._lists
        if head.sort == UNCHANGED:  # only the determiner tells its number
            self._write(self._pick(lists.plural_telling if head.plural else lists.singular_telling))
        elif choice < 0.5:
            self._write("the")
        elif choice < 0.6:
            self._write(self._pick(lists.determiners))
        elif choice < 0.635:
            self._possessor()
            head.kind = "possessive"
        else:
            self._counting(head, bare)
        if self.words[-1:] in (["the"], ["her"], ["his"], ["my"]) and self._random() < 0.05:
            self._write(self._pick(_ORDINALS))
        self._adjectives(head)
        if self._random() < 0.12:
            self._write(self._pick(lists.modifiers))
            head.kind = "compound"

    def _counting(self, head: SubjectHead, bare: bool) -> None:
        """Write a determiner that says how many, or which number; or none, where a plural may do without."""
        choice, lists = self._random(), self._lists
        if bare and choice < 0.2 and (head.plural or head.sort == MASS):
            return
        if not head.plural:
            self._write(*self._pick(_MUCH).split() if head.sort == MASS else (self._pick(lists.singular_determiners),))
        elif head.sort != MASS and choice < 0.45:
            self._write(*self._pick(_MANY).split())
        else:
            self._write(self._pick(lists.plural_determiners))

    def _adjectives(self, head: SubjectHead) -> None:
        choice = self._random()
        if choice < 0.24:
            self._write(self._pick(self._lists.adjectives[head.sort]))
            if choice < 0.05:
                self._write(self._pick(self._lists.adjectives[head.sort]))

    def _possessor(self) -> None:
        """Write whose it is: both numbers alike, as a plural in -s could not carry "'s"."""
        if self._random() < 0.4:
            self._name()
        else:
            plural = self._random() < 0.5
            forms = self._pick(self._lists.bare_plurals) if plural else self._pick(self._lists.nouns["person"])
            self._write("the")
            self._noun(forms, plural)
        self._write("'s")

    def _phrase(self, depth: int, of: float = 0.0) -> None:
        """Write a prepositional phrase: "in London", "behind Tom"; as often as ``of`` says "of several doctors"."""
        choice = self._random()
        if choice < 0.07:
            self._write("in", self._pick(self._lists.places))
            return
        if choice > 1 - of:
            self._write("of")
        elif 0.55 < choice < 0.63:
            self._write(*self._pick(_OF_SEVERAL_WORDS).split())
        else:
            self._write(self._pick(self._lists.prepositions))
        if depth == 0 and choice < 0.19:
            self._name()
        elif depth == 0 and choice < 0.22:
            self._write(self._pick(self._lists.object_pronouns))
        else:
            self.noun_phrase(depth, phrases=0.0)

    def _time(self) -> None:
        """Write when it was: "yesterday", "last night", "two nights ago"."""
        choice = self._random()
        forms = self._pick(self._lists.times)
        if choice < 0.4:
            self._write(self._pick(self._lists.time_adverbs))
        elif choice < 0.7:
            self._write(self._pick(("last", "last", "every", "every", "this", "next")))
            self._noun(forms, False)
        else:
            self._write(self._pick((*NUMERALS, "many", "several", "few")))
            self._noun(forms, True)
            self._write("ago")
