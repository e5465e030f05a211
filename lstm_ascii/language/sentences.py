"""Sentences: statements, questions, "there is", what somebody says."""

from __future__ import annotations

from lstm_ascii.language.clauses import ClauseWriter
from lstm_ascii.language.writer import SubjectHead

_LINKS = ("because", "while", "when", "although", "if", "as", "until", "unless", "though", "since")


class SentenceWriter(ClauseWriter):
    """Writes whole sentences."""

    def _sentence(self, depth: int) -> None:
        kind = self._random()
        if kind < 0.04:
            self._question(depth)
        elif kind < 0.06:
            self._there(depth)
        elif kind < 0.068:
            self._request()
        elif kind < 0.088:
            self._speech(depth)
        else:
            self._statement(depth)

    def _statement(self, depth: int) -> None:
        """Write a clause, alone or with another one."""
        choice = self._random()
        if choice < 0.1:
            self._opener()
        self.clause(depth)
        if 0.1 <= choice < 0.15:
            self._comma()
            self._write(self._pick(("and", "but", "or")))
            self.clause(0)
        elif 0.15 <= choice < 0.2:
            self._write(self._pick(_LINKS))
            self.clause(0)
        elif 0.2 <= choice < 0.21:
            self._write(self._pick((";", ":")))
            self.clause(0)
        self._end("!" if choice > 0.97 else ".")

    def _opener(self) -> None:
        """Write what may stand before the subject."""
        choice = self._random()
        if choice < 0.4:
            self._time()
        elif choice < 0.7:
            self._phrase(0)
        else:
            self._write(self._pick(_LINKS))
            self.clause(0)
        self._comma()

    def _speech(self, depth: int) -> None:
        """Write a sentence that somebody says, in quotes."""
        head = self._subject(0, ("person",))
        self._verb(self._pick(self._lists.clause_verbs), head, head.kind)
        self._write(":", '"')
        self.clause(depth)
        self._end(".")
        self._write('"')

    def _request(self) -> None:
        """Write "please open the door!"."""
        if self._random() < 0.5:
            self._write("please")
        elif self._random() < 0.3:
            self._write("do", "n't")
        self._infinitive(SubjectHead(0, 0, True, "person", "pronoun", agrees=False), 0)
        self._end("!" if self._random() < 0.5 else ".")

    # -- the verb before its subject -----------------------------------------------------------------

    def _there(self, depth: int) -> None:
        """Write "there are three cats in the garden": the verb agrees with what comes after it."""
        choice = self._random()
        if choice < 0.1:
            self._phrase(0)
            self._comma()
        place = len(self.words)
        head = self.noun_phrase(depth)
        if self._random() < 0.4:
            self._phrase(0)
        ask = choice > 0.85
        self._insert(place, self._before_subject(head, "there", ask))
        self._end("?" if ask else ".")

    def _before_subject(self, head: SubjectHead, there: str = "", ask: bool = True) -> list[str]:
        """Return a form of "be" that fits a subject after it, with "there" on the side where it belongs."""
        singular, plural = self._pick((("is", "are"), ("was", "were")))
        if head.kind == "pronoun" and not head.agrees:
            plural = "am" if singular == "is" else "was"
        verb, more = [plural if head.plural else singular], []
        if self._random() < 0.2 and verb != ["am"]:
            verb.append("n't")
        elif there and self._random() < 0.1:
            verb, more = ["have" if head.plural else "has"], ["been"]
        return [*verb, there, *more] if ask and there else [there, *verb, *more] if there else verb

    def _question(self, depth: int) -> None:
        """Write "was the cat hungry?", "why do the dogs bark?", "which cat was hungry?"."""
        choice = self._random()
        if choice < 0.2:
            self._asked_subject(depth)
        else:
            if choice < 0.45:
                self._write(self._pick(("why", "when", "where", "how")))
            self._inverted(depth)
        self._end("?")

    def _asked_subject(self, depth: int) -> None:
        """Write "who sleeps", "which cats that slept were hungry"."""
        position, choice = len(self.words), self._random()
        if choice < 0.3:
            self._write(self._pick(("who", "what")))
            head = SubjectHead(position, position, False, "person", "who", agrees=False)
            self.verb_phrase(head, depth, head.kind)
            return
        head = SubjectHead(
            position, position, self._random() < 0.5, self._pick(("person", "animal", "thing")), "simple"
        )
        self._write(self._pick(("which", "which", "what", "whose")))
        if head.plural and choice > 0.8:
            self.words[-1:] = ["how", "many"]
            self._numbers.append("")
        head.position = len(self.words)
        self._head_noun(head)
        if depth:
            head.kind = self._relative(head, depth, commas=False)
        self.verb_phrase(head, 0, head.kind)

    def _inverted(self, depth: int) -> None:
        """Write "was the cat hungry", "has she slept", "do the dogs bark", "can they sing"."""
        place, choice = len(self.words), self._random()
        head = self._subject(depth)
        lists = self._lists
        first = head.kind == "pronoun" and not head.agrees
        if choice < 0.45:
            self._insert(place, self._before_subject(head))
            if choice < 0.12:
                self._write(self._pick(lists.own_verbs[head.sort])[4])
            elif choice < 0.35:
                self._write(self._pick(lists.adjectives[head.sort]))
            else:
                self._phrase(0)
            return
        if choice < 0.6:
            auxiliary = "have" if head.plural or first else "has"
        elif choice < 0.85:
            auxiliary = "did" if choice < 0.68 else "do" if head.plural or first else "does"
        else:
            auxiliary = self._pick(("will", "would", "can", "could", "should", "must"))
        short = auxiliary not in ("will", "can") and self._random() < 0.2
        self._insert(place, [auxiliary, "n't"] if short else [auxiliary])
        if choice < 0.6:
            self._write(self._pick(lists.own_verbs[head.sort])[3])
            self._after_verb(0)
        else:
            self._infinitive(head, 0)
