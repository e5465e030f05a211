"""Clauses: relatives and verb phrases, which nest in each other."""

from __future__ import annotations

from lstm_ascii.language.nouns import NounWriter
from lstm_ascii.language.writer import SORTS, Forms, SubjectHead


class ClauseWriter(NounWriter):
    """Writes clauses, whose subjects and objects may hold clauses of their own."""

    def clause(self, depth: int) -> None:
        """Write a subject, with ``depth`` relatives inside each other, and its verb phrase."""
        head = self._subject(depth)
        choice = self._random()
        if choice < 0.02:
            self._write("(", self._pick(self._lists.adverbs), ")")
        elif choice < 0.04:
            self._comma()
            self._write(*self._pick(("however", "therefore", "of course", "in fact", "for example")).split(), ",")
        if choice > 0.96:
            self._be(head, head.kind)
            self._same_number(head)
        else:
            self.verb_phrase(head, int(self._random() < 0.08), head.kind)

    def _same_number(self, head: SubjectHead) -> None:
        """Write what a subject is, in its own number; nothing that agrees with it follows."""
        start = len(self.words)
        if not head.plural:
            self._write("a")
        self._adjectives(head)
        sort = head.sort if head.sort in SORTS else "thing"
        self._noun(self._pick(self._lists.nouns[sort]), head.plural)
        if not head.plural:
            self._fit_article(start)
        if self._random() < 0.3:
            self._phrase(0)

    # -- relatives -----------------------------------------------------------------------------------

    def _relative(self, head: SubjectHead, depth: int, commas: bool) -> str:
        """Write a relative that holds ``depth - 1`` others, and return the kind of what it was."""
        choice, after = self._random(), self._random()
        if commas:
            self._comma()
        who, which = (head.sort == "person" and after < 0.5), (after > 0.85 and head.sort != "person")
        marker = "who" if who else "which" if which else "that"
        if commas:
            marker = "who" if head.sort == "person" else "which"
        if choice < 0.56:
            kind = "subject relative"
            self._write(marker)
            self.verb_phrase(head, depth - 1, "inside a relative")
        elif choice < 0.6:
            kind = "whose relative"
            self._whose(depth)
        elif choice < 0.8 or commas:
            kind = "object relative"
            self._write("whom" if marker == "who" and choice > 0.76 else marker)
            self._object_relative(head, depth, bare=True)
        elif choice < 0.86:
            kind = "object relative"
            self._through(head, depth)
        else:
            kind = "object relative without that"
            self._object_relative(head, depth, bare=False)
        if commas or self._random() < 0.03:
            self._comma()
        return kind if depth == 1 else "nested relatives"

    def _object_relative(self, head: SubjectHead, depth: int, bare: bool) -> None:
        """Write "the dogs chase", "I watched last night": a subject of its own and a verb for ``head``."""
        centre = depth > 1 and self._random() < 0.08
        sorts = ("person", "animal", "group") if head.living else ("person",)
        inner = self.noun_phrase(1, sorts, bare=bare) if centre else self._subject(0, sorts, 0.15, bare)
        self._verb(self._pick(self._lists.object_verbs[head.sort]), inner, inner.kind)
        if depth - 1 - centre > 0:
            self._phrase(depth - 1 - centre)
        elif self._random() < 0.25:
            self._time()

    def _through(self, head: SubjectHead, depth: int) -> None:
        """Write "with whom the girls danced", "in which they sat", "where the boys played"."""
        if head.sort == "place" and self._random() < 0.5:
            self._write("where")
        else:
            whom = "whom" if head.sort == "person" else "which"
            self._write(self._pick(("with", "for", "to", "about", "near", "behind")), whom)
        inner = self._subject(0, ("person", "animal"), 0.1)
        self._verb(self._pick(self._lists.own_verbs[inner.sort]), inner, inner.kind)
        if depth > 1:
            self._phrase(depth - 1)

    def _whose(self, depth: int) -> None:
        """Write "whose dogs bark": a noun of its own, and what it does."""
        self._write("whose")
        inner = SubjectHead(len(self.words), len(self.words), self._random() < 0.5, self._pick(SORTS), "simple")
        self._noun(self._pick(self._lists.nouns[inner.sort]), inner.plural)
        self._predicate(inner, depth - 1, "inside a relative")

    def _participle(self, head: SubjectHead) -> None:
        """Write "playing in the park", "chased by the dogs"."""
        if head.living and self._random() < 0.5:
            self._write(self._pick(self._lists.own_verbs[head.sort] + self._lists.position_verbs)[4])
            self._phrase(0)
        else:
            self._write(self._pick(self._lists.object_verbs[head.sort])[3], "by")
            self.noun_phrase(0, ("person", "animal", "group"), 0.0)

    # -- verb phrases --------------------------------------------------------------------------------

    def verb_phrase(self, head: SubjectHead, depth: int, kind: str) -> None:
        """Write what ``head`` is or does; its last noun phrase holds ``depth`` relatives.

        Args:
            head: the subject.
            depth: of the relatives in it.
            kind: of the construction between ``head`` and the verb.
        """
        choice = self._random()
        if choice < 0.18:
            self._predicate(head, int(choice < 0.015), kind)
            if choice < 0.05:
                self._time()
            elif choice < 0.08:
                self._phrase(0)
            kind = "coordination"
            if choice > 0.17:
                self._comma()
                self._predicate(head, 0, kind)
            self._write(self._pick(("and", "and", "and", "but", "or")))
        self._predicate(head, depth, kind)

    def _predicate(self, head: SubjectHead, depth: int, kind: str) -> None:
        """Write one verb and what belongs to it."""
        choice = self._random()
        if depth == 0 and choice < 0.38:
            self._copula(head, kind)
        elif not head.living:
            self._happening(head, depth, kind)
        elif choice < 0.69:
            self._verb(self._pick(self._lists.object_verbs[sort := self._pick(SORTS)]), head, kind)
            self._object(sort, depth, pronoun=choice > 0.64)
        elif choice < 0.84 and head.sort in ("person", "group"):
            self._saying(head, depth, kind)
        elif choice < 0.88:
            self._verb(self._pick(self._lists.to_verbs), head, kind)
            self._write("to")
            self._infinitive(head, depth)
        elif choice < 0.9:
            self._passive(head, depth, kind)
        else:
            pool = self._lists.position_verbs if choice > 0.96 else self._lists.own_verbs[head.sort]
            self._verb(self._pick(pool), head, kind)
            self._after_verb(depth)

    def _object(self, sort: str, depth: int, pronoun: bool) -> None:
        """Write an object of a sort, or where nothing else is wanted sometimes a pronoun or a name."""
        if depth == 0 and pronoun:
            self._write(self._pick(self._lists.object_pronouns))
        elif depth == 0 and sort == "person" and self._random() < 0.2:
            self._name()
        else:
            self.noun_phrase(depth, (sort,))

    def _infinitive(self, head: SubjectHead, depth: int) -> None:
        """Write a verb without number, and what belongs to it."""
        if head.living and self._random() < 0.5:
            sort = self._pick(SORTS)
            self._write(self._pick(self._lists.object_verbs[sort])[0])
            self._object(sort, depth, pronoun=False)
        else:
            self._write(self._pick(self._lists.own_verbs[head.sort])[0])
            self._after_verb(depth)

    def _copula(self, head: SubjectHead, kind: str) -> None:
        """Write "was (not) (very) hungry", "were in the park", "seems hungry"."""
        choice = self._random()
        if choice > 0.96:
            self._verb(self._pick(self._lists.link_verbs), head, kind)
            self._write(self._pick(self._lists.adjectives[head.sort]))
            return
        self._be(head, kind)
        if choice < 0.08:
            self._write(self._pick(self._lists.degree))
        elif choice < 0.1:
            self._write("more", self._pick(self._lists.adjectives[head.sort]), "than")
            self.noun_phrase(0, phrases=0.0)
            return
        if choice < 0.82:
            self._write(self._pick(self._lists.adjectives[head.sort]))
            if choice > 0.77:
                self._write(self._pick(("and", "but")), self._pick(self._lists.adjectives[head.sort]))
        elif choice < 0.85:
            self._write(self._pick(self._lists.time_adverbs))
        else:
            self._phrase(0)

    def _happening(self, head: SubjectHead, depth: int, kind: str) -> None:
        """Write what a thing does: it lies somewhere, falls, or something is done to it."""
        choice = self._random()
        if choice < 0.45:
            pool: tuple[Forms, ...] = self._lists.position_verbs
            if choice < 0.27:
                pool = self._lists.own_verbs[head.sort]
            elif choice < 0.31:
                pool = self._lists.shown_verbs  # "the film impresses the boys"
                self._verb(self._pick(pool), head, kind)
                self._object("person", depth, pronoun=False)
                return
            self._verb(self._pick(pool), head, kind)
            self._after_verb(depth)
        else:
            self._passive(head, depth, kind)

    def _passive(self, head: SubjectHead, depth: int, kind: str) -> None:
        """Write "was chased by the dogs"."""
        self._be(head, kind)
        if self._random() < 0.08:
            self._write("being")
        self._write(self._pick(self._lists.object_verbs[head.sort])[3], "by")
        self.noun_phrase(depth, ("person", "animal", "group"))

    def _saying(self, head: SubjectHead, depth: int, kind: str) -> None:
        """Write "said (that) the boys were hungry", "told Tom that", "is sure"."""
        choice = self._random()
        if choice < 0.1:
            self._verb(self._pick(self._lists.telling_verbs), head, kind)
            self._object("person", 0, pronoun=self._random() < 0.3)
            self._write("that")
        else:
            self._verb(self._pick(self._lists.clause_verbs), head, kind)
            if choice < 0.32:
                self._write("that")
            elif choice < 0.42:
                self._write(self._pick(("why", "how", "where", "when", "whether", "if")))
        inner = self._subject(depth)
        self._predicate(inner, 0, inner.kind)

    def _after_verb(self, depth: int) -> None:
        """Write where, how or when, after a verb without object."""
        choice = self._random()
        if depth or choice < 0.4:
            self._phrase(depth)
            if not depth and choice < 0.12:
                self._time()
        elif choice < 0.53:
            self._write(self._pick(self._lists.adverbs))
        elif choice < 0.63:
            self._time()
