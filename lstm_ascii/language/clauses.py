"""Clauses: noun phrases and verb phrases, which nest in each other."""

from __future__ import annotations

from collections.abc import Sequence

from lstm_ascii.language.lexicon import SINGULAR, lexicon
from lstm_ascii.language.writer import Forms, SubjectHead, Writer

_NO_SHORT_NOT = ("am", "'m", "'re", "'s", "may", "can", "will", "be", "been", "'ll", "'d", "'ve")
_SORTS = ("person", "person", "person", "animal", "animal", "animal", "thing", "food", "work", "work", "place")


class VerbWriter(Writer):
    """Writes verbs."""

    def _be(self, head: SubjectHead, kind: str) -> None:
        """Write a form of "be", with or without "not"."""
        choice = self._random()
        if head.kind == "pronoun" and choice < 0.2:
            self._agree(head, "'s", "'re", kind)
        elif choice < 0.55:
            self._agree(head, "was", "were", kind)
        elif choice < 0.9:
            self._agree(head, "is", "are", kind)
        elif choice < 0.96:
            self._have(head, kind)
            self._write("been")
        else:
            self._write(self._pick(self._lists.modals), "be")
        if choice < 0.9 and self._random() < 0.18:
            self._not()
        if self._random() < 0.1:
            self._write(self._pick(self._lists.often))

    def _not(self) -> None:
        """Write "not", or "n't" where the word before takes it."""
        short = self.words[-1] not in _NO_SHORT_NOT and self._random() < 0.5
        self._write("n't" if short else "not")

    def _verb(self, forms: Forms, head: SubjectHead, kind: str) -> None:
        """Write a verb with its auxiliary in some tense."""
        choice = self._random()
        if choice < 0.08:
            self._write(self._pick(self._lists.often))
        if choice < 0.38:
            self._agree(head, forms[1], forms[0], kind)
        elif choice < 0.56:
            self._write(forms[2])
        elif choice < 0.72:
            self._be(head, kind)
            self._write(forms[4])
        elif choice < 0.84:
            self._have(head, kind)
            if choice < 0.75:
                self._not()
            self._write(forms[3])
        elif choice < 0.92:
            self._agree(head, "does", "do", kind)
            self._not()
            self._write(forms[0])
        elif choice < 0.94:
            self._write("'d" if head.kind == "pronoun" else "had", forms[3])
        else:
            self._modal(head)
            self._write(forms[0])

    def _have(self, head: SubjectHead, kind: str) -> None:
        if head.kind == "pronoun" and head.plural and self._random() < 0.3:
            self._write("'ve")
        else:
            self._agree(head, "has", "have", kind)

    def _modal(self, head: SubjectHead) -> None:
        """Write what carries no number: "did not", "can", "won't"."""
        choice = self._random()
        if head.kind == "pronoun" and choice < 0.4:
            self._write("'ll")
        elif choice < 0.4:
            self._write("did")
            self._not()
        elif choice < 0.9:
            self._write(self._pick(self._lists.modals))
        else:
            self._write(self._pick(("ca", "wo")), "n't")


class ClauseWriter(VerbWriter):
    """Writes clauses, whose subjects and objects may hold clauses of their own."""

    def clause(self, depth: int) -> None:
        """Write a subject, with ``depth`` relatives inside each other, and its verb phrase."""
        head = self._subject(depth)
        if self._random() < 0.03:
            self._write("(", self._pick(self._lists.adverbs), ")")
        self.verb_phrase(head, int(self._random() < 0.08), head.kind)

    # -- noun phrases --------------------------------------------------------------------------------

    def _subject(
        self, depth: int, sorts: Sequence[str] = _SORTS, phrases: float = 0.42, bare: bool = True
    ) -> SubjectHead:
        """Write a subject: a noun phrase, or where nothing follows it sometimes a name or a pronoun."""
        choice = self._random()
        if depth or choice < 0.72:
            return self.noun_phrase(depth, sorts, phrases, bare)
        position = len(self.words)
        if choice < 0.86:
            word = self._pick(self._lists.pronouns)
            self._write(word)
            plural = word in ("they", "we", "you", "i")
            return SubjectHead(position, position, plural, "person", "pronoun", agrees=word != "i")
        return self._name()

    def _name(self) -> SubjectHead:
        position = len(self.words)
        self.words.append(self._pick(self._lists.names))
        self._numbers.append(SINGULAR)
        return SubjectHead(position, position, False, "person", "name")

    def noun_phrase(
        self, depth: int = 0, sorts: Sequence[str] = _SORTS, phrases: float = 0.12, bare: bool = True
    ) -> SubjectHead:
        """Write a noun phrase with ``depth`` relatives inside each other, or none and some phrases.

        Args:
            depth: of the relatives.
            sorts: the noun's sort is one of them.
            phrases: how often prepositional phrases follow where no relative does.
            bare: whether a plural may do without a determiner.
        """
        head = SubjectHead(len(self.words), 0, self._random() < 0.5, self._pick(sorts), "simple")
        self._before_noun(head, bare)
        head.position = len(self.words)
        self._noun(self._pick(self._lists.nouns[head.sort]), head.plural)
        if self.words[head.start] == "a":
            self.words[head.start] = lexicon().article(self.words[head.start + 1])
        if depth:
            head.kind = self._relative(head, depth)
        elif self._random() < phrases:
            self._phrase(0)
            head.kind = "one phrase"
            if self._random() < 0.35:
                self._phrase(0)
                head.kind = "two phrases"
        return head

    def _before_noun(self, head: SubjectHead, bare: bool) -> None:
        """Write determiner, adjectives and modifiers; an article that needs it is fitted afterwards."""
        choice = self._random()
        lists = self._lists
        if choice < 0.66:
            self._write("the")
        elif choice < 0.76:
            self._write(self._pick(lists.determiners))
        elif choice < 0.79:
            self._possessor()
            head.kind = "possessive"
        elif choice < 0.93 or not head.plural or not bare:
            self._write(self._pick(lists.plural_determiners if head.plural else lists.singular_determiners))
        choice = self._random()
        if choice < 0.24:
            self._write(self._pick(lists.adjectives[head.sort]))
            if choice < 0.05:
                self._write(self._pick(lists.adjectives[head.sort]))
        if self._random() < 0.11:
            self._write(self._pick(lists.modifiers))
            head.kind = "compound"

    def _possessor(self) -> None:
        """Write whose it is: both numbers alike, as a plural in -s could not carry "'s"."""
        plural = self._random() < 0.5
        forms = self._pick(self._lists.bare_plurals) if plural else self._pick(self._lists.nouns["person"])
        self._write("the")
        self._noun(forms, plural)
        self._write("'s")

    def _phrase(self, depth: int) -> None:
        choice = self._random()
        if choice < 0.08:
            self._write("in", self._pick(self._lists.places))
        else:
            self._write(self._pick(self._lists.prepositions))
            self.noun_phrase(depth, phrases=0.0)

    def _time(self) -> None:
        """Write when it was: "yesterday", "last night", "two nights ago"."""
        choice = self._random()
        forms = self._pick(self._lists.times)
        if choice < 0.4:
            self._write(self._pick(self._lists.time_adverbs))
        elif choice < 0.7:
            self._write(self._pick(("last", "last", "every", "this", "next")))
            self._noun(forms, False)
        else:
            self._write(self._pick(self._lists.plural_determiners))
            self._noun(forms, True)
            self._write("ago")

    # -- relatives -----------------------------------------------------------------------------------

    def _relative(self, head: SubjectHead, depth: int) -> str:
        """Write a relative that holds ``depth - 1`` others, and return the kind of what it was."""
        kind, choice = "subject relative", self._random()
        who = head.sort == "person" and choice * 10 % 1 < 0.5
        marker = "who" if who else "which" if choice * 10 % 1 > 0.85 and head.sort != "person" else "that"
        if choice < 0.6:
            self._write(marker)
            self.verb_phrase(head, depth - 1, "inside a relative")
        else:
            kind = "object relative" if choice < 0.85 else "object relative without that"
            if choice < 0.85:
                self._write(marker)
            self._object_relative(head, depth, bare=choice < 0.85)
        return kind if depth == 1 else "nested relatives"

    def _object_relative(self, head: SubjectHead, depth: int, bare: bool) -> None:
        """Write "the dogs chase", "I watched last night": a subject of its own and a verb for ``head``."""
        centre = depth > 1 and self._random() < 0.08
        sorts = ("person", "animal") if head.living else ("person",)
        inner = self.noun_phrase(1, sorts, bare=bare) if centre else self._subject(0, sorts, 0.15, bare)
        self._verb(self._pick(self._lists.object_verbs[head.sort]), inner, inner.kind)
        if depth - 1 - centre > 0:
            self._phrase(depth - 1 - centre)
        elif self._random() < 0.25:
            self._time()

    # -- verb phrases --------------------------------------------------------------------------------

    def verb_phrase(self, head: SubjectHead, depth: int, kind: str) -> None:
        """Write what ``head`` is or does; its last noun phrase holds ``depth`` relatives.

        Args:
            head: the subject.
            depth: of the relatives in it.
            kind: of the construction between ``head`` and the verb.
        """
        if self._random() < 0.08:
            self._predicate(head, 0, kind)
            self._write(self._pick(("and", "and", "but")))
            kind = "coordination"
        self._predicate(head, depth, kind)

    def _predicate(self, head: SubjectHead, depth: int, kind: str) -> None:
        """Write one verb and what belongs to it."""
        choice = self._random()
        if depth == 0 and choice < 0.4:
            self._copula(head, kind)
        elif not head.living:
            self._happening(head, depth, kind)
        elif choice < 0.78:
            sort = self._pick(_SORTS)
            self._verb(self._pick(self._lists.object_verbs[sort]), head, kind)
            if depth == 0 and choice > 0.71:
                self._write(self._pick(self._lists.object_pronouns))
            else:
                self.noun_phrase(depth, (sort,))
        elif choice < 0.84 and head.sort == "person":
            self._saying(head, depth, kind)
        else:
            pool = self._lists.position_verbs if choice > 0.95 else self._lists.own_verbs[head.sort]
            self._verb(self._pick(pool), head, kind)
            self._after_verb(depth)

    def _copula(self, head: SubjectHead, kind: str) -> None:
        """Write "was (not) (very) hungry", "were in the park"."""
        choice = self._random()
        self._be(head, kind)
        if choice < 0.08:
            self._write(self._pick(self._lists.degree))
        if choice < 0.85:
            self._write(self._pick(self._lists.adjectives[head.sort]))
            if choice > 0.8:
                self._write(self._pick(("and", "but")), self._pick(self._lists.adjectives[head.sort]))
        elif choice < 0.88:
            self._write(self._pick(self._lists.time_adverbs))
        else:
            self._phrase(0)

    def _happening(self, head: SubjectHead, depth: int, kind: str) -> None:
        """Write what a thing does: it lies somewhere, falls, or something is done to it."""
        choice = self._random()
        if choice < 0.4:
            pool = self._lists.own_verbs[head.sort] if choice < 0.2 else self._lists.position_verbs
            self._verb(self._pick(pool), head, kind)
            self._after_verb(depth)
        else:
            self._be(head, kind)
            if choice > 0.95:
                self._write("being")
            self._write(self._pick(self._lists.object_verbs[head.sort])[3], "by")
            self.noun_phrase(depth, ("person", "animal"))

    def _saying(self, head: SubjectHead, depth: int, kind: str) -> None:
        """Write "said that the boys were hungry"."""
        self._verb(self._pick(self._lists.clause_verbs), head, kind)
        choice = self._random()
        if choice < 0.7:
            self._write("that" if choice < 0.6 else self._pick(("why", "how", "where", "when")))
        inner = self._subject(depth)
        self._predicate(inner, 0, inner.kind)

    def _after_verb(self, depth: int) -> None:
        """Write where or how, after a verb without object."""
        choice = self._random()
        if depth or choice < 0.35:
            self._phrase(depth)
        elif choice < 0.5:
            self._write(self._pick(self._lists.adverbs))
        elif choice < 0.6:
            self._time()
