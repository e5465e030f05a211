"""Agreement English: nothing but the subject tells the verb's number."""

import itertools
import math
from collections import Counter

import pytest

from lstm_ascii.language.grammar import KINDS, Grammar, held_out
from lstm_ascii.language.lexicon import lexicon
from lstm_ascii.language.pairs import minimal_pairs
from lstm_ascii.language.unknown import UNKNOWN_CLASSES


@pytest.fixture(scope="module")
def documents():
    grammar = Grammar(1)
    return [grammar.document() for _ in range(10000)]


@pytest.fixture(scope="module")
def targets(documents):
    return [(document.words, target) for document in documents for target in document.targets]


def nouns_between(text, target):
    """Return the common nouns between subject and verb, without the "park" of "park movie"."""
    is_noun = lexicon().is_noun
    places = range(target.subject + 1, target.verb)
    return [text[place] for place in places if is_noun(text[place]) and not is_noun(text[place + 1])]


def test_documents_have_48_words(documents):
    assert {len(document.words) for document in documents} == {48}


def test_every_word_is_in_the_lexicon_and_every_word_of_it_is_used(documents):
    used = {word for document in documents for word in document.words}
    assert used == set(lexicon().words)


def test_every_kind_of_construction_occurs(targets):
    counts = Counter(target.kind for _, target in targets)
    assert set(counts) == set(KINDS)
    assert min(counts.values()) > 100


def test_the_verb_agrees_with_its_subject(targets):
    words = lexicon()
    for text, target in targets:
        assert text[target.verb] == target.right
        assert words.twin(target.right) == target.wrong
        assert words.number(text[target.subject]) == words.number(target.right)


def test_a_target_counts_the_words_and_nouns_between(targets):
    words = lexicon()
    for text, target in targets:
        nouns = nouns_between(text, target) + [
            word for word in text[target.subject + 1 : target.verb] if words.word_class(word) == "name person"
        ]
        assert target.distance == len(text[target.subject + 1 : target.verb])
        assert target.attractors == sum(words.number(noun) != words.number(target.right) for noun in nouns)
        assert target.start <= target.subject


def test_numbers_of_attractors_are_independent_of_the_subject(targets):
    words = lexicon()
    counts = Counter(
        (words.number(text[target.subject]), words.number(word))
        for text, target in targets
        for word in nouns_between(text, target)
    )
    for subject in ("singular", "plural"):
        total = counts[subject, "singular"] + counts[subject, "plural"]
        # Six standard deviations of a fair coin.
        assert counts[subject, "singular"] / total == pytest.approx(0.5, abs=3 / math.sqrt(total))


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


def test_disguised_words_are_classes_and_never_lie():
    plain, disguised = Grammar(11), Grammar(11, unknown_rate=1.0)
    classes, words = Counter(), lexicon()
    for _ in range(1500):
        # The two grammars draw the same numbers up to the disguise, so each sentence has a twin.
        plain._rng.setstate(disguised._rng.getstate())
        for was, now in zip(plain.sentence().words, (text := disguised.sentence()).words, strict=True):
            if was != now:
                classes[now] += 1
                if words.is_noun(was):
                    assert (now in ("‹unknown-s›", "‹unknown-names›")) == (words.number(was) == "plural")
        assert all(text.words[target.verb] == target.right for target in text.targets)
    assert set(classes) == set(UNKNOWN_CLASSES)


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
            "‹unknown-ing›",
            "‹unknown-ed›",
            "‹unknown-ly›",
        )
        assert any(word in ".!?" for word in pair.prefix)


def test_no_training_document_has_a_held_out_subject_before_a_verb(targets):
    assert not any(held_out(text[target.start : target.verb]) for text, target in targets)
    assert all(held_out(pair.prefix) for pair in minimal_pairs(50, 2))
