"""The layouts of public tests, with sentences of our own: what each tells of a pair."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.reports.agreement.forms import other_form
from lstm_ascii.reports.agreement.layouts import Found
from lstm_ascii.reports.agreement.pairs import FilePair, PairsFile, pair_of, split
from lstm_ascii.reports.scored.lines import Unreadable

HEADS_OF_FORMS = "pattern\tconstr_id\tsent_id\tcorrect_number\tform\tclass\ttype\tprefix\tn_attr\tlen_context\tsent\n"
HEADS_OF_SENTENCES = "sentence\torig_sentence\tverb\tverb_pos\tsubj_index\tverb_index\tn_diff_intervening\n"


def read(tmp_path: Path, content: str, name: str = "pairs.tsv", score: str = "") -> tuple[list[FilePair], str, list]:
    """Return the pairs of a file, its layout, and the lines that were refused, each with the reason."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    refused: list[tuple[int, str]] = []
    file = PairsFile(str(tmp_path / name), score, lambda line, fault: refused.append((line, str(fault))))
    return list(file), file.layout, refused


def told(pair: FilePair) -> tuple[str, str, str, str]:
    return " ".join(pair.prefix), " ".join(pair.right), " ".join(pair.wrong), " ".join(pair.rest)


def blimp(**values: object) -> str:
    fields = {"sentence_good": "The owls near the lake hoot.", "sentence_bad": "The owls near the lake hoots.",
              "one_prefix_method": True, "UID": "owls_1", "dependency_length": 5}  # fmt: skip
    return json.dumps(fields | values) + "\n"


def test_an_object_a_line_holds_two_sentences_as_blimp_writes_them(tmp_path: Path) -> None:
    (pair,), layout, refused = read(tmp_path, blimp(), "owls.jsonl")
    assert told(pair) == ("The owls near the lake", "hoot", "hoots", ".")
    assert (pair.kind, pair.scored, pair.line, layout, refused) == ("owls_1", "prefix", 1, "JSON Lines", [])


def test_what_the_file_says_of_a_prefix_decides_how_a_pair_is_scored(tmp_path: Path) -> None:
    subjects = {"sentence_good": "The owls hoot.", "sentence_bad": "The owl hoot."}
    (pair,), *_ = read(tmp_path, blimp(**subjects, one_prefix_method=False))
    assert (told(pair), pair.scored) == (("The", "owls", "owl", "hoot ."), "sentence")
    with pytest.raises(LstmAsciiError, match="line 1: expected sentences that differ in one word after the first"):
        read(tmp_path, blimp(**subjects, one_prefix_method=False), score="prefix")


def test_objects_may_have_a_prefix_and_two_forms(tmp_path: Path) -> None:
    lines = '{"prefix": "the owl", "right": "hoots", "wrong": "hoot", "distance": 0, "kind": "night"}\n'
    (pair,), *_ = read(tmp_path, lines)
    assert (told(pair), pair.distance, pair.kind) == (("the owl", "hoots", "hoot", ""), 0, "night")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "expected an object in JSON, got what is none"),
        ("[1, 2]", "expected an object in JSON, got what is none"),
        ("[" * 60_000, "expected an object in JSON, got what is none"),
        ("9" * 60_000, "expected an object in JSON, got what is none"),
        ('{"sentence_good": "The owl hoots."}', "expected sentence_good and sentence_bad, or prefix, right and wrong"),
        ('{"sentence_good": 7, "sentence_bad": "An owl."}', "expected a text as good, got what is none"),
        ('{"sentence_good": "Owls.", "sentence_bad": "Owls."}', "expected two different sentences, got one twice"),
        ('{"sentence_good": "", "sentence_bad": "Owls."}', "expected sentences of 1 to 2,000 words, got none"),
        ('{"sentence_good": "Owls", "sentence_bad": "Owl"}', "expected a word before or behind the one that differs"),
        ('{"sentence_good": "Owls hoot at night", "sentence_bad": "Owls hoot"}',
         "expected two sentences of which neither is the start of the other"),
        ('{"prefix": "owls", "right": "hoot", "wrong": "hoots", "distance": 1.5}',
         "expected a text as distance, got what is none"),
        ("{" + " " * 70_000 + "}", "expected at most 65,536 bytes, got more"),
    ],
)  # fmt: skip
def test_an_object_that_is_none_is_a_row_left_out_and_the_next_follows(tmp_path: Path, line: str, reason: str) -> None:
    pairs, _, refused = read(tmp_path, blimp() + line + "\n\n" + blimp())
    assert ([pair.line for pair in pairs], refused) == ([1, 4], [(2, reason)])


@pytest.mark.parametrize(
    ("content", "kind", "layout"),
    [
        ("The owl that we heard hoots.\tThe owl that we heard hoot.\n", "no kind", "pairs of sentences"),
        ("good\tbad\nThe owl that we heard hoots.\tThe owl that we heard hoot.\n", "no kind", "pairs of sentences"),
        ("Test case\tgrammatical\tungrammatical\nrel--sing\tThe owl that we heard hoots.\tThe owl that we heard hoot.",
         "rel", "pairs of sentences"),
        ("rel\tsing\tThe owl that we heard hoots .\tThe owl that we heard hoot .\n", "rel", "pairs of sentences"),
        ("rel\tThe owl that we heard hoots .\tThe owl that we heard hoot .\n", "rel", "pairs of sentences"),
        ("1\tThe owl that we heard hoots .\tThe owl that we heard ***mask*** .\thoots\thoot\n", "1 attractor",
         "masked sentences"),
        ("The owl that we heard\thoots\thoot\trel\t3\n", "rel", "columns without names"),
        ("The owl that we heard\thoots\thoot\n", "no kind", "columns without names"),
        ("rel\tThe owl that we heard hoots\tsingular\thoot\n", "singular", "NA task"),
    ],
)  # fmt: skip
def test_columns_with_and_without_names_are_read_as_they_are(
    tmp_path: Path, content: str, kind: str, layout: str
) -> None:
    (pair,), named, refused = read(tmp_path, content)
    assert told(pair)[:3] == ("The owl that we heard", "hoots", "hoot")
    assert (pair.kind, pair.scored, named, refused) == (kind, "prefix", layout, [])


def test_the_number_agreement_tasks_have_a_line_a_form(tmp_path: Path) -> None:
    pairs, layout, refused = read(
        tmp_path,
        "The owl near the barns hoots\tsingular_plural\tcorrect\tid1\n"
        "The owl near the barns hoot\tsingular_plural\twrong\tid1\n"
        "The owl near the lakes hunts\tsingular_plural\tcorrect\tid2\n"  # its other half can't be read
        "The owl near the lakes hunt\tsingular_plural\tperhaps\tid2\n"
        "The owl near the towns hide\tsingular_plural\twrong\tid3\n"  # the other way round
        "The owl near the towns hides\tsingular_plural\tcorrect\tid3\n"
        "The owl near the towns flies\tsingular_plural\tcorrect\tid4\n",
        "nounpp.txt",
    )
    assert layout == "NA task"
    assert [(told(pair)[1:3], pair.kind, pair.line) for pair in pairs] == [
        (("hoots", "hoot"), "singular_plural", 2),
        (("hides", "hide"), "singular_plural", 6),
    ]
    alone = "expected the line with the other form right above or below"
    assert sorted(refused) == [(3, alone), (4, "expected correct or wrong as the class of a form"), (7, alone)]


def test_gold_columns_with_a_row_a_form_are_put_together(tmp_path: Path) -> None:
    row = "pp\t1\t{}\tsing\t{}\t{}\t{}\t{}\t2\t3\t{}\n"
    pairs, layout, refused = read(
        tmp_path,
        HEADS_OF_FORMS
        + row.format(0, "hoots", "correct", "original", "The owl near barns", "The owl near barns hoots .")
        + row.format(0, "hoot", "wrong", "original", "The owl near barns", "The owl near barns hoots .")
        + row.format(1, "eats", "correct", "generated", '"The ""tea"" of owls"', '"The ""tea"" of owls eats ."')
        + row.format(1, "eat", "wrong", "generated", '"The ""tea"" of owls"', '"The ""tea"" of owls eats ."'),
        "made.tab",
    )
    assert (layout, refused) == ("a row a form", [])
    assert [told(pair)[:3] for pair in pairs] == [
        ("The owl near barns", "hoots", "hoot"),
        ('The " tea " of owls', "eats", "eat"),
    ]
    assert [(pair.kind, pair.distance) for pair in pairs] == [("original", 2), ("generated", 2)]


def test_gold_columns_stand_beside_their_text(tmp_path: Path) -> None:
    (tmp_path / "owls.text").write_text("the owl near the barns hoots\n\nowls hoot\n")
    gold = "5\thoots\thoot\t1\n4\teats\teat\t0\n7\thoot\thoots\t0\n9\tis\tare\t0\n"
    (pair,), layout, refused = read(tmp_path, gold, "owls.gold")
    assert (told(pair)[:3], pair.kind) == (("the owl near the barns", "hoots", "hoot"), "1 attractor")
    assert layout == "gold columns beside a text"
    assert refused == [
        (2, "expected the verb's place in its sentence, counted from 0, got 4"),
        (3, "expected the verb's place in its sentence, counted from 0, got 7"),
        (4, "expected a sentence on the same line of the .text file, got none"),
    ]
    wide = "R!N\t1\t0\t2\tVERB\tx\thoots\thoot\thoot\t2\tNOUN\tthe owl\n"
    (pair,), *_ = read(tmp_path, wide, "owls.gold")
    assert (told(pair)[:3], pair.kind) == (("the owl", "hoots", "hoot"), "2 attractors")
    (tmp_path / "owls.text").unlink()
    with pytest.raises(LstmAsciiError, match=r"owls\.text: No such file"):
        read(tmp_path, gold, "owls.gold")


def test_a_verb_in_its_sentence_gets_its_other_form_from_the_spelling(tmp_path: Path) -> None:
    row = "{0}\t{0}\t{1}\t{2}\t{3}\t{4}\t{5}\n"
    pairs, _, refused = read(
        tmp_path,
        HEADS_OF_SENTENCES
        + row.format("the owl near the barns hunts .", "hunts", "VBZ", 2, 6, 1)
        + row.format("owls hurry .", "hurry", "VBP", 1, 2, 0)
        + row.format("owls hurried .", "hurried", "VBD", 1, 2, 0)
        + row.format("owls hurry .", "hurry", "VBP", 1, 3, 0),
    )
    assert [(told(pair)[:3], pair.distance, pair.kind) for pair in pairs] == [
        (("the owl near the barns", "hunts", "hunt"), 3, "1 attractor"),
        (("owls", "hurry", "hurries"), 0, "0 attractors"),
    ]
    assert refused == [(4, "expected a verb in the present"),
                       (5, "expected the verb where verb_index says, counted from 1")]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "many"),
    [("is", "are"), ("has", "have"), ("passes", "pass"), ("tries", "try"), ("plays", "play"), ("closes", "close"),
     ("goes", "go"), ("fixes", "fix"), ("lies", "lie"), ("wishes", "wish"), ("hunts", "hunt")],
)  # fmt: skip
def test_the_other_form_of_a_verb_goes_both_ways(one: str, many: str) -> None:
    assert (other_form(one, "VBZ"), other_form(many, "VBP")) == (many, one)
    assert (other_form(one), other_form(many)) == (many, one)


def test_verbs_of_several_words_keep_all_of_them(tmp_path: Path) -> None:
    pairs, *_ = read(tmp_path, "the owls\thave not\thas not\nthe owls\taren't\tisn't\nthe owls\tdo n't\tdoes n't\n")
    assert [" ".join(pair.right) for pair in pairs] == ["have not", "are n't", "do n't"]
    (pair,), *_ = read(tmp_path, "The owls haven't slept.\tThe owls hasn't slept.\n")
    assert told(pair) == ("The owls", "have n't", "has n't", "slept .")
    (pair,), *_ = read(tmp_path, "The owls have n't slept .\tThe owls has n't slept .\n")
    assert told(pair) == ("The owls", "have n't", "has n't", "slept .")


@pytest.mark.parametrize(
    ("good", "bad", "parts", "scored"),
    [
        ("He said “owls hoot”.", "He said “owls hoots”.", ("He said “ owls", "hoot", "hoots", "” ."), "prefix"),
        ("The “owl” hoots", "The “owls” hoots", ("The “", "owl", "owls", "” hoots"), "sentence"),
        ("The cat sleeps", "The cats sleeps", ("The", "cat", "cats", "sleeps"), "sentence"),  # nouns by the lexicon
        ("Is the owl here ?", "Are the owl here ?", ("", "Is", "Are", "the owl here ?"), "sentence"),
        ("The owl hoots and hunts", "The owl hoot and hunt", ("The owl", "hoots and hunts", "hoot and hunt", ""),
         "sentence"),
        ("The owl hoots now", "The owl now hoots", ("The owl", "hoots now", "now hoots", ""), "sentence"),
        ("The very old owl", "The old owl", ("The", "very", "", "old owl"), "sentence"),
    ],
)  # fmt: skip
def test_one_word_that_differs_is_scored_by_prefix_more_by_the_sentence(
    tmp_path: Path, good: str, bad: str, parts: tuple[str, ...], scored: str
) -> None:
    (pair,), *_ = read(tmp_path, f"{good}\t{bad}\n")
    assert (told(pair), pair.scored) == (parts, scored)
    (pair,), *_ = read(tmp_path, f"{good}\t{bad}\n", score="sentence")
    assert (told(pair), pair.scored) == (parts, "sentence")


SENTENCES = st.lists(
    st.sampled_from(["the", "owl", "owls", "hoot", "hoots", ".", "and", "n't", "“", "”", "that's"]),
    min_size=1,
    max_size=7,
)


@given(SENTENCES, SENTENCES)
def test_both_sentences_can_be_put_together_again(good: list[str], bad: list[str]) -> None:
    try:
        pair = pair_of(Found((" ".join(good), " ".join(bad))), 1, "", "kind")
    except Unreadable:
        return
    assert (*pair.prefix, *pair.right, *pair.rest) == split(" ".join(good))
    assert (*pair.prefix, *pair.wrong, *pair.rest) == split(" ".join(bad))


@given(st.lists(st.one_of(st.text(max_size=30), st.sampled_from([blimp().strip(), "a b\tis\tare", "{}", '"', "\t\t"])),
                max_size=12), st.sampled_from(["a.tsv", "a.jsonl", "a.gold", "a.tab"]))  # fmt: skip
def test_no_file_does_more_than_refuse_rows(tmp_path_factory, lines: list[str], name: str) -> None:
    folder = tmp_path_factory.mktemp("files")
    (folder / "a.text").write_text("the owl hoots\n" * 3)
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    (folder / name).write_bytes(content)
    told: list[str] = []
    try:
        told += [pair.kind for pair in PairsFile(str(folder / name))]
    except LstmAsciiError as error:
        told.append(str(error))
    assert told
    assert not any("\n" in text for text in told)
