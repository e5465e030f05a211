"""Verbs: tenses, auxiliaries, adverbs and negation; each form that agrees is noted as a target."""

from __future__ import annotations

from lstm_ascii.language.writer import Forms, SubjectHead, Writer

_NO_SHORT_NOT = ("am", "'m", "'re", "'s", "may", "can", "will", "be", "been", "'ll", "'d", "'ve")


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
        if choice < 0.9 and self._random() < 0.22:
            self._not()
        if self._random() < 0.1:
            self._write(self._pick(self._lists.often))

    def _not(self) -> None:
        """Write "not", or "n't" where the word before takes it."""
        short = self.words[-1] not in _NO_SHORT_NOT and self._random() < 0.6
        self._write("n't" if short else "not")

    def _adverbs(self) -> None:
        """Write what may stand between a subject and its verb: "often", "often really", "very quickly"."""
        choice, lists = self._random(), self._lists
        if choice < 0.08:
            self._write(self._pick(lists.degree))
        if choice < 0.72:
            self._write(self._pick(lists.often))
        if 0.42 < choice < 0.72:
            self._write(self._pick(lists.often))
        if choice >= 0.72:
            self._write(self._pick(lists.adverbs))
        if choice > 0.9:
            self._write("and", self._pick(lists.adverbs))

    def _verb(self, forms: Forms, head: SubjectHead, kind: str) -> None:
        """Write a verb with its auxiliary in some tense."""
        if self._random() < 0.12:
            self._adverbs()
        choice = self._random()
        if choice < 0.5:
            self._agree(head, forms[1], forms[0], kind)
        elif choice < 0.62:
            self._write(forms[2])
        elif choice < 0.74:
            self._be(head, kind)
            self._write(forms[4])
        elif choice < 0.84:
            self._have(head, kind)
            if choice < 0.78:
                self._not()
            self._write(forms[3])
        elif choice < 0.925:
            self._agree(head, "does", "do", kind)
            self._not()
            self._write(forms[0])
        elif choice < 0.935:
            self._write("'d" if head.kind == "pronoun" else "had", forms[3])
        elif choice < 0.95:
            self._agree(head, "has", "have", kind)
            self._write("to", forms[0])
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
