"""Agreement English: nothing but the subject tells the verb's number."""

import itertools
import math
from collections import Counter

import pytest

from lstm_ascii.language.grammar import KINDS, Grammar, held_out
from lstm_ascii.language.lexicon import PLURAL, SINGULAR, lexicon
from lstm_ascii.language.pairs import minimal_pairs
from lstm_ascii.language.unknown import UNKNOWN_CLASSES
from lstm_ascii.language.writer import word_lists

# Nouns by where they stand, by the word verbs: their numbers.
ALSO_NOUNS = {
    form: number for forms in word_lists().also_nouns for form, number in zip(forms, (SINGULAR, PLURAL), strict=True)
}


@pytest.fixture(scope="module")
def documents():
    grammar = Grammar(1)
    return [grammar.document() for _ in range(10000)]


@pytest.fixture(scope="module")
def targets(documents):
    return [(document.words, target) for document in documents for target in document.targets]


def nouns_between(text, target):
    """Return the common nouns between subject and verb, without the "park" of "park movie"."""
    words = lexicon()
    places = range(target.subject + 1, target.verb)
    return [text[place] for place in places if words.is_noun(text[place]) and not is_any_noun(text[place + 1])]


def is_any_noun(word):
    """Tell whether a word is a noun, with a number in its form or (sheep) without."""
    return (lexicon().word_class(word) or "").startswith("noun")


def number_of(text, target):
    """Return the number of a subject: of the word itself, or where it has one form only (sheep) of its determiner."""
    words = lexicon()
    if text[target.subject] in ALSO_NOUNS:
        return ALSO_NOUNS[text[target.subject]]
    if words.word_class(text[target.subject]) != "noun unchanged":
        return words.number(text[target.subject])
    before = text[target.start : target.subject]
    (number,) = {words.number(word) for word in before if (words.word_class(word) or "").startswith("determiner")}
    return number


def test_documents_have_48_words(documents):
    assert {len(document.words) for document in documents} == {48}


def test_every_word_is_in_the_lexicon_and_every_word_of_it_is_used(documents):
    used = {word for document in documents for word in document.words}
    assert used - set(ALSO_NOUNS) == set(lexicon().words) - set(ALSO_NOUNS)
    assert used >= set(ALSO_NOUNS)


def test_every_kind_of_construction_occurs(targets):
    counts = Counter(target.kind for _, target in targets)
    assert set(counts) == set(KINDS)
    assert min(counts.values()) > 100


def test_the_verb_agrees_with_its_subject(targets):
    words = lexicon()
    for text, target in targets:
        assert text[target.verb] == target.right
        assert words.twin(target.right) == target.wrong
        assert number_of(text, target) == words.number(target.right)


def test_a_target_counts_the_words_and_nouns_between(targets):
    words = lexicon()
    for text, target in targets:
        if ALSO_NOUNS.keys() & set(text[target.subject + 1 : target.verb]):
            continue  # the word alone does not tell whether it is a noun there
        nouns = nouns_between(text, target) + [
            word for word in text[target.subject + 1 : target.verb] if words.word_class(word) == "name person"
        ]
        assert target.distance == len(text[target.subject + 1 : target.verb])
        assert target.attractors == sum(words.number(noun) != words.number(target.right) for noun in nouns)
        assert target.start <= target.subject


def test_numbers_of_attractors_are_independent_of_the_subject(targets):
    words = lexicon()
    counts = Counter(
        (number_of(text, target), words.number(word))
        for text, target in targets
        for word in nouns_between(text, target)
    )
    shares = []
    for subject in ("singular", "plural"):
        total = counts[subject, "singular"] + counts[subject, "plural"]
        shares.append(counts[subject, "singular"] / total)
        # "One of the boys" and "many of the boys" have a plural behind the subject, whatever its number.
        assert shares[-1] == pytest.approx(0.5, abs=0.03)
    # Six standard deviations of fair coins.
    assert shares[0] == pytest.approx(shares[1], abs=6 * math.sqrt(0.5 / total))


def test_relatives_nest_to_depth_5_and_verbs_stand_30_words_from_their_subjects(targets):
    assert max(target.distance for _, target in targets) >= 30
    assert max(target.attractors for _, target in targets) >= 5


def test_relatives_nest_deeper_on_request():
    grammar = Grammar(3)
    assert sum(len(grammar.sentence(9).words) for _ in range(20)) / 20 > 45


def test_the_same_seed_gives_the_same_documents():
    one, two, other = (Grammar(seed, unknown_rate=0.5) for seed in (7, 7, 8))
    first = [one.document() for _ in range(20)]
    assert first == [two.document() for _ in range(20)]
    assert first != [other.document() for _ in range(20)]


def test_an_article_fits_the_word_after_it(documents):
    words = lexicon()
    for document in documents:
        for word, following in itertools.pairwise(document.words):
            if word in ("a", "an"):
                assert word == words.article(following)


def test_i_am_was_and_have(documents):
    after = Counter(
        following for document in documents for word, following in itertools.pairwise(document.words) if word == "i"
    )
    assert after["am"]
    assert after["was"]
    assert after["have"]
    assert not {"is", "are", "were", "has", "does"} & set(after)


PLURAL_CLASSES = ("‹unknown-s›", "‹unknown-names›", "‹unknown-plural›")


def test_disguised_words_are_classes_and_lie_only_behind_a_determiner_that_tells():
    plain, disguised = Grammar(11), Grammar(11, unknown_rate=1.0)
    classes, words, told = Counter(), lexicon(), 0
    for _ in range(8000):
        # The two grammars draw the same numbers up to the disguise, so each sentence has a twin.
        plain._rng.setstate(disguised._rng.getstate())
        sentence = plain.sentence().words
        for place, (was, now) in enumerate(zip(sentence, (text := disguised.sentence()).words, strict=True)):
            if was != now:
                classes[now] += 1
                if words.is_noun(was) and (now in PLURAL_CLASSES) != (words.number(was) == "plural"):
                    numbers = {words.number(word) for word in sentence[max(0, place - 3) : place]}
                    assert words.number(was) in numbers
                    told += 1
        assert all(text.words[target.verb] == target.right != target.wrong for target in text.targets)
    assert set(classes) == set(UNKNOWN_CLASSES)
    assert told > 10


def test_an_unknown_verb_is_a_target_in_both_its_forms():
    grammar = Grammar(12, unknown_rate=1.0)
    targets = [target for _ in range(500) for target in grammar.sentence().targets if target.right.startswith("‹")]
    assert {(target.right, target.wrong) for target in targets} == {
        ("‹unknown›", "‹unknown-s›"),
        ("‹unknown-s›", "‹unknown›"),
    }


@pytest.mark.parametrize(
    "words",
    ["of several", "is n't", "were n't", "does n't", "has n't", "there are", "there is",
     ", who", ", which", "one of the", "most of the", "these", "many", "a lot of", "whose", "with whom", "told",
     "police are", "water is", "and the"],
)  # fmt: skip
def test_what_sentences_of_tests_have_is_written(documents, words):
    assert any(f" {words} " in f" {' '.join(document.words)} " for document in documents)


def test_two_adverbs_may_stand_before_a_verb(documents):
    known = lexicon()
    often = set(known.members["adverb often"])
    verbs = 0
    for document in documents:
        for one, two, verb in zip(document.words, document.words[1:], document.words[2:], strict=False):
            verbs += {one, two} <= often and (known.word_class(verb) or "").startswith("verb")
    assert verbs > 100


def test_names_stand_between_a_subject_and_its_verb(targets):
    known = lexicon()
    behind = [text[place - 1] for text, target in targets for place in range(target.subject + 2, target.verb)
              if known.word_class(text[place]) == "name person"]  # fmt: skip
    assert {"behind", "near", "of"} <= set(behind)


def test_a_question_has_its_verb_before_its_subject(documents):
    openings = Counter(
        following for document in documents for word, following in itertools.pairwise(document.words) if word in ".!?"
    )
    assert {"is", "are", "was", "were", "do", "does", "has", "have", "did", "which", "why"} <= openings.keys()


def test_no_comma_stands_twice_nor_at_an_end(documents):
    for document in documents:
        for word, following in itertools.pairwise(document.words):
            assert not (word == "," and following in (",", ".", "?", "!"))


def test_minimal_pairs_meet_their_conditions():
    words = lexicon()
    pairs = minimal_pairs(60, 5, distance=(11, 20), attractors=(2, 3))
    assert len({pair.prefix for pair in pairs}) > 50
    for pair in pairs:
        assert 11 <= pair.distance <= 20
        assert 2 <= pair.attractors <= 3
        assert pair.distance == len(pair.prefix) - pair.subject - 1
        assert words.number(pair.prefix[pair.subject]) == words.number(pair.right)
        assert words.twin(pair.right) == pair.wrong


def test_minimal_pairs_with_unknown_subjects_and_sentences_before():
    for pair in minimal_pairs(30, 5, unknown=True, before=2):
        assert pair.prefix[pair.subject] in (
            "‹unknown›",
            "‹unknown-s›",
            "‹unknown-plural›",
            "‹unknown-ing›",
            "‹unknown-ed›",
            "‹unknown-ly›",
        )
        assert any(word in ".!?" for word in pair.prefix)


def test_no_training_document_has_a_held_out_subject_before_a_verb(targets):
    assert not any(held_out(text[target.start : target.verb]) for text, target in targets)
    assert all(held_out(pair.prefix) for pair in minimal_pairs(50, 2))
